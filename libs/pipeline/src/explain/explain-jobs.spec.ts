import { describe, expect, it } from '@jest/globals';
import { compileRule, parseSchema } from '@weir/rule-lang';
import { ExplainJobs, type ExplainQuestion, type ExplainReply, type ExplainThread } from './explain-jobs.js';

const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    acct: { type: string }\n', 'schema.yaml');
if (schema === undefined) throw new Error('the schema reads');
const { rule } = compileRule('rule: r\ntitle: T\ndescription: D\nowner: o\non: payment\nseverity: low\nscore: 1\naction: none\nwhen: acct == "a"\n', 'r.yaml', { schema });
if (rule === undefined) throw new Error('the rule compiles');
const question = { rule, eventId: 'e', seqs: [], endSeq: 1, engineOptions: {} };

/** Threads whose answers and end are given by hand. */
class HandThreads {
  readonly asked: ExplainQuestion[] = [];
  started = 0;
  reply: (reply: ExplainReply) => void = () => undefined;
  exit: (error: Error | undefined) => void = () => undefined;
  readonly spawn = (): ExplainThread => {
    this.started += 1;
    return { post: (one) => { this.asked.push(one); }, onMessage: (listener) => { this.reply = listener; }, onExit: (listener) => { this.exit = listener; }, terminate: () => Promise.resolve() };
  };
}

describe('questions to the explaining thread', () => {
  it('start it once, are answered by their number, and are refused while too many wait', async () => {
    const threads = new HandThreads();
    const jobs = new ExplainJobs({ spawn: threads.spawn, maxWaiting: 2 });
    const [first, second] = [jobs.ask(question), jobs.ask(question)];
    expect(await jobs.ask(question)).toEqual({ ok: false, reason: 'busy', waiting: 2 });
    threads.reply({ number: threads.asked[1]?.number ?? 0, result: { ok: false, reason: 'unknown-event' } });
    threads.reply({ number: threads.asked[0]?.number ?? 0, failure: 'the log is damaged' });
    expect(await second).toEqual({ ok: false, reason: 'unknown-event' });
    await expect(first).rejects.toThrow('the log is damaged');
    expect([threads.started, threads.asked.length]).toEqual([1, 2]);
  });

  it('fail when it ends, and the next one starts another', async () => {
    const threads = new HandThreads();
    const jobs = new ExplainJobs({ spawn: threads.spawn });
    const lost = jobs.ask(question);
    threads.exit(new Error('out of memory'));
    await expect(lost).rejects.toThrow('out of memory');
    void jobs.ask(question);
    expect(threads.started).toBe(2);
    await jobs.close();
  });
});
