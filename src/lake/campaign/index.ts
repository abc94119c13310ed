export type { Measured } from './campaign_job.ts';
export { type CampaignPlan, type PlannedDataset, planCampaign, variantRow } from './campaign_plan.ts';
export {
  type CampaignOptions,
  type CampaignReport,
  type DatasetOutcome,
  fittingWorkers,
  measureCampaign,
  runCampaign,
} from './run_campaign.ts';
