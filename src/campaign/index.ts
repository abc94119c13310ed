export type { Measured } from './campaign_job.ts';
export { type CampaignPlan, planCampaign, variantRow } from './campaign_plan.ts';
export { type CampaignReport, fittingWorkers, measureCampaign, runCampaign } from './run_campaign.ts';
