import { z } from 'zod';
import type { AlertRule } from '../alerts/index.ts';
import { alertRuleSchema } from '../config/index.ts';

/** The rules of a server's file of alerts; empty without one. Where their alerts go is nobody's business but the server's. */
export const alertRulesSchema = z.object({ alerts: z.array(alertRuleSchema.omit({ webhooks: true })) });

export interface AlertRules {
  readonly alerts: readonly AlertRule[];
}
