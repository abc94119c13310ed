export { type CampaignPlan, planCampaign, variantRow } from './campaign_plan.ts';
export { type CampaignReport, measureCampaign, runCampaign } from './run_campaign.ts';
