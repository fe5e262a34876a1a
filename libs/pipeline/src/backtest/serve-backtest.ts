import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EngineDefinition, EngineOptions, RuleEngine } from '@weir/rule-engine';
import type { FollowedLog } from '../engine-host/engine-host.js';
import type { RuleCompiler } from '../engine-host/rule-set.js';
import { ruleIdOf } from '../rule-files/rule-id-of.js';
import { backtestLog, type LogBacktestResult } from './backtest-log.js';

/** What a backtest thread is asked; plain data. */
export interface BacktestRequest {
  readonly ruleText: string;
  /** Text of the version that is live, when the rule is released. */
  readonly liveText?: string | undefined;
  readonly schemaText: string;
  readonly days: number;
  readonly toTs: number;
  readonly endSeq: number;
  readonly engineOptions: Partial<EngineOptions>;
}
/** What the thread of a backtest sends back. */
export type FromBacktest =
  | { readonly kind: 'progress'; readonly eventsDone: number; readonly eventsTotal: number }
  | { readonly kind: 'done'; readonly result: LogBacktestResult }
  | { readonly kind: 'failed'; readonly message: string };

/** What a backtest needs from outside: the log to read and the front end of the rules. */
interface BacktestTools {
  readonly log: FollowedLog;
  readonly compiler: RuleCompiler;
  readonly makeEngine: (definition: EngineDefinition) => RuleEngine;
}

const progressEveryMs = 200;

/** Runs one backtest in this thread and posts how it goes; ends with `done` or `failed`. Never rejects. Cancelled by ending the thread. */
export async function serveBacktest(post: (message: FromBacktest) => void, request: BacktestRequest, tools: BacktestTools): Promise<void> {
  try {
    const { schema } = tools.compiler.parseSchema(request.schemaText, 'schema.yaml');
    if (!schema) throw new Error('The event schema does not compile.');
    const compile = (text: string): ReturnType<RuleCompiler['compileRule']> =>
      tools.compiler.compileRule(text, `${ruleIdOf(text) ?? 'rule'}.yaml`, { schema, ...(request.engineOptions.retentionMs === undefined ? {} : { retentionMs: request.engineOptions.retentionMs }) });
    const { rule, diagnostics } = compile(request.ruleText);
    if (!rule) {
      const error = diagnostics.find(({ severity }) => severity === 'error');
      throw new Error(`The rule does not compile: line ${error?.line ?? 1}, column ${error?.column ?? 1}: ${error?.message ?? 'unknown reason'}`);
    }
    const live = request.liveText === undefined ? undefined : compile(request.liveText).rule;
    tools.log.advance(request.endSeq);
    let toldAt = -Infinity;
    const result = await backtestLog({
      log: tools.log, schema, rule, liveRule: live, days: request.days, toTs: request.toTs, endSeq: request.endSeq,
      engineOptions: request.engineOptions, makeEngine: tools.makeEngine, clock: () => performance.now(),
      onProgress: async (eventsDone, eventsTotal) => {
        if (performance.now() - toldAt < progressEveryMs) return;
        toldAt = performance.now();
        post({ kind: 'progress', eventsDone, eventsTotal });
        await nextTurn();
      },
    });
    post({ kind: 'done', result });
  } catch (cause) {
    post({ kind: 'failed', message: cause instanceof Error ? cause.message : String(cause) });
  }
}
