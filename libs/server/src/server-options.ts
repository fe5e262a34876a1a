import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { AlertStore } from './alerts/alert-store.js';
import type { BacktestPort, DeadLetterPort, DecisionPort, DemoPort, ExplainPort, IntakePort, OpsPort, RuleReleasePort, SchemaPort } from './ports.js';

export interface ServerConfig {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0: a free one. */
  readonly port: number;
  /** Shown by /v1/me. */
  readonly version: string;
  /** Time in which a disposition can be taken back, ms. Default 10 minutes. */
  readonly undoMs?: number | undefined;
  /** True: demo people can be acted as. */
  readonly demo: boolean;
  /** Origins other than the Host header that the desk is reached by, e.g. behind a proxy. */
  readonly publicOrigins: readonly string[];
  /** Cookies only over https. Default false: loopback. */
  readonly secureCookies?: boolean | undefined;
  /** Believe X-Forwarded-For. Default false. */
  readonly trustProxy?: boolean | undefined;
  /** /metrics needs no key from loopback. Default false. */
  readonly openMetrics?: boolean | undefined;
}

/** Everything the server is made of; the app wires it. */
export interface ServerOptions {
  readonly store: DataSource;
  readonly alertStore: AlertStore;
  readonly intake: IntakePort;
  readonly decisions: DecisionPort;
  readonly rules: RuleReleasePort;
  readonly schema: SchemaPort;
  readonly backtests: BacktestPort;
  readonly explanations: ExplainPort;
  readonly ops: OpsPort;
  readonly deadLetters: DeadLetterPort;
  /** Absent: /v1/demo answers 404. */
  readonly demo?: DemoPort | undefined;
  /** Folder of the exported dashboard; may appear later. */
  readonly dashboardDir: string;
  readonly config: ServerConfig;
  readonly log: Logger;
  /** Wall clock, epoch ms. Default Date.now. */
  readonly now?: (() => number) | undefined;
}

export const serverOptionsToken = Symbol('ServerOptions');
