"""What came of a campaign, told to people who would rather look than read. Values in, page out."""

from gsmsend.campaign.report.shape import shape
from gsmsend.campaign.report.values import Page, Terms

__all__ = ["Page", "Terms", "shape"]
