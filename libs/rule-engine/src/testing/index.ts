/** Second entry point, for tests of this and other projects: arbitraries for rules, logs and whole workloads. Needs fast-check. */
export { arbWorkload, workloadOf, type Workload, type WorkloadBounds } from './workload.js';
export { arbEntries } from './arbitrary-entries.js';
export { arbRuleText } from './arbitrary-rule-text.js';
export { schemaText, type WorkloadScales } from './workload-schema.js';
export { alertDifference, playAll } from './same-alerts.js';
