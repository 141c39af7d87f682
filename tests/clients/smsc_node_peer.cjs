// An SMSC made of node-smpp, which other people wrote: it reads and makes all PDUs. Says what it took as JSON lines.
//
// Arguments: JSON with `password`; `key` and `cert` (PEM) for TLS. A text with the word "reply" in it is answered by
// its recipient, in two parts; one to ...0999 is refused with ESME_RINVDSTADR, one to ...0998 is throttled first.
const smpp = require('smpp');

const options = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');
let count = 0;
let throttled = false;

const receipt = (session, id, pdu) => {
  const words = `id:${id} sub:001 dlvrd:001 submit date:2611221100 done date:2611221101 stat:DELIVRD err:000 text:`;
  session.deliver_sm({
    source_addr_ton: 1, source_addr_npi: 1, source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr, esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    short_message: words, receipted_message_id: id, message_state: smpp.MESSAGE_STATE.DELIVERED,
    user_message_reference: pdu.user_message_reference, network_error_code: Buffer.from([3, 0, 0]),
  }, (answer) => say({ kind: 'confirmed', status: answer.command_status, id }));
};

const reply = (session, pdu) => {
  ['Thank you, caf\u00e9 ', '\u20ac 5 \u2013 \u{1f600}'].forEach((text, index) => session.deliver_sm({
    source_addr_ton: 1, source_addr_npi: 1, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
    short_message: { udh: Buffer.from([5, 0, 3, 42, 2, index + 1]), message: text },
    esm_class: smpp.ESM_CLASS.UDH_INDICATOR, data_coding: smpp.ENCODING.UCS2,
  }));
};

const server = smpp.createServer(options.key ? { key: options.key, cert: options.cert } : {}, (session) => {
  session.on('error', () => {});
  session.on('bind_transceiver', (pdu) => {
    const right = pdu.system_id === 'gsmsend' && pdu.password === options.password;
    say({ kind: 'bind', version: pdu.interface_version, right });
    session.send(pdu.response(right ? { system_id: 'node-smpp' } : { command_status: smpp.ESME_RINVPASWD }));
  });
  session.on('enquire_link', (pdu) => { say({ kind: 'enquire' }); session.send(pdu.response()); });
  session.on('enquire_link_resp', () => say({ kind: 'enquired' }));
  session.on('unbind', (pdu) => { say({ kind: 'unbind' }); session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    if (pdu.destination_addr.endsWith('0999')) {
      session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
      return;
    }
    if (pdu.destination_addr.endsWith('0998') && !throttled) {
      throttled = true;
      session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
      return;
    }
    const payload = pdu.message_payload || pdu.short_message;
    const id = `node-${(count += 1)}`;
    say({
      kind: 'taken', id, source: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr],
      destination: pdu.destination_addr, text: payload.message, coding: pdu.data_coding,
      udh: payload.udh ? payload.udh.map((each) => each.toString('hex')) : [],
      sar: [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum].filter((one) => one !== undefined),
      registered: pdu.registered_delivery, payload: pdu.message_payload !== undefined,
      validity: String(pdu.validity_period || ''),
    });
    session.send(pdu.response({ message_id: id }));
    session.enquire_link();
    if (pdu.registered_delivery) receipt(session, id, pdu);
    if (payload.message.includes('reply')) reply(session, pdu);
  });
});
server.listen(0, '127.0.0.1', () => say({ kind: 'listening', port: server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume();
