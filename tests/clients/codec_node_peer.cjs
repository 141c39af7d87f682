// node-pdu as an independent codec: one JSON request a line on stdin, one JSON answer a line on stdout.
"use strict";
const readline = require("node:readline");
const { Deliver, Report, Submit, parse, utils } = require("node-pdu");

function decode({ pdu }) {
  const read = parse(pdu);
  const answer = {
    type: read instanceof Deliver ? "Deliver" : read instanceof Report ? "Report" : "Submit",
    number: read.address.phone,
    ton: read.address.type.type,
    smsc: read.serviceCenterAddress.phone,
  };
  if (read.data) {
    const header = read.data.parts[0].header;
    answer.text = read.data.getText();
    answer.alphabet = read.dataCodingScheme.textAlphabet;
    answer.concat = header ? [header.getPointer(), header.getSegments(), header.getCurrent()] : null;
    answer.header = header ? header.toString() : null;
  }
  if (answer.type === "Submit") {
    answer.reference = read.messageReference;
    answer.validity = read.validityPeriod.interval;
    answer.report = read.type.statusReportRequest;
    answer.rejectDuplicates = read.type.rejectDuplicates;
  }
  if (answer.type === "Deliver") answer.time = [read.serviceCenterTimeStamp.time, read.serviceCenterTimeStamp.tzOff];
  if (answer.type === "Report") {
    answer.reference = read.reference;
    answer.status = read.status;
    answer.times = [read.dateTime.time, read.discharge.time];
  }
  return answer;
}

function encode({ text, number, layout, time, smsc }) {
  const sca = new utils.SCA(false);
  sca.setPhone(smsc, true, true);
  const options = { serviceCenterAddress: sca };
  if (layout === "Deliver") options.serviceCenterTimeStamp = new utils.SCTS(new Date(time), 0);
  const message = layout === "Deliver" ? new Deliver(number, text, options) : new Submit(number, text, options);
  return { pdus: message.getPartStrings() };
}

const operations = { decode, encode };
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = operations[request.op](request);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
