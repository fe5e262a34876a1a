export { createServer, type RunningServer } from './create-server.js';
export type { ServerConfig, ServerOptions } from './server-options.js';
export type {
  AlertSinkPort, BacktestPort, DeadLetterPort, DecisionAnswer, DecisionPort, DemoPort, ExplainPort, IntakePort, OpsPort, RuleReleasePort, RuleSet, SchemaPort,
} from './ports.js';
export { openCaseStore } from './store/open-case-store.js';
export { openAlertStore, type AlertStore, type AlertStoreOptions, type StoredAlerts } from './alerts/alert-store.js';
export { ensureDemoUsers, ensureFirstAdmin } from './access/accounts.js';
export { RuleDesk, type ApplyResult, type RuleSource } from './rules/rule-desk.js';
export { verifyActivity, type ChainState } from './audit/activity-log.js';
