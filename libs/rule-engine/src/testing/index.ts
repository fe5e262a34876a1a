/** Second entry point, for tests of this and other projects: arbitraries for rules, logs and whole workloads. Needs fast-check. */
export { arbWorkload, workloadOf, chanceRefusals, type Workload, type WorkloadBounds } from './workload.js';
export { arbEntries } from './arbitrary-entries.js';
export { arbRuleText } from './arbitrary-rule-text.js';
export { arbSequenceText } from './arbitrary-sequence-text.js';
export { arbWindowText } from './arbitrary-window-text.js';
export { schemaText, workloadSchema, type WorkloadScales } from './workload-schema.js';
export { sameAlerts, alertDifference, playAll } from './same-alerts.js';
