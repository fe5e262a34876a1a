export { startStandalone, type Standalone, type StandaloneHost } from './standalone.js';
export { readConfig, type ConfigResult, type StandaloneConfig } from './config.js';
