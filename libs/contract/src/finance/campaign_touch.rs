//! Who was reached by which campaign.

use crate::finance::CampaignTouchInput;

/// A campaign touched somebody.
pub type CampaignTouch = crate::Recorded<CampaignTouchInput>;
