import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a stretch of the stream cost and found. */
export interface Stretch { readonly cpuNs: number; readonly alerts: readonly string[]; readonly memoryMb: number }

/** How to start a program that speaks the protocol of `rivals/rival-process.ts`. */
export interface Program { readonly command: string; readonly args: readonly string[] }

/** A program that is gone: it could not be started, or ended by itself. */
export class ProgramEnded extends Error {
  constructor(readonly program: Program, why: string) { super(`${program.command} ended: ${why}`); }
}

/** A program under way in a process of its own, so that no one's garbage is charged to another. */
export interface RunningProgram {
  /** Hands over lines that came before those of interest. */
  fill(lines: Uint8Array): Promise<void>;
  /** Hands over lines; resolves with their cost and alerts. */
  feed(lines: Uint8Array): Promise<Stretch>;
  /** A command beyond the protocol, for the engine's own scenarios. */
  ask(verb: string, lines?: Uint8Array, argument?: string): Promise<unknown>;
  /** Ends the program and waits until it is gone. */
  close(): Promise<void>;
}

/** Starts a program. Rejects with {@link ProgramEnded} when it ends before it is ready; later questions do when it has ended. */
export async function startProgram(program: Program): Promise<RunningProgram> {
  const { command, args } = program;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  let ended: ProgramEnded | undefined;
  const gone = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      ended ??= new ProgramEnded(program, why);
      for (const one of waiting.splice(0)) one.reject(ended);
      resolve();
    };
    child.on('error', (error) => { end(error.message); });
    child.on('close', (code, signal) => { end(`code ${code ?? '-'}, signal ${signal ?? '-'}`); });
  });
  child.stdin.on('error', () => undefined); // told by `close`
  createInterface({ input: child.stdout }).on('line', (line) => { waiting.shift()?.resolve(JSON.parse(line)); });
  const answer = (): Promise<unknown> => new Promise((resolve, reject) => { if (ended === undefined) waiting.push({ resolve, reject }); else reject(ended); });
  const hand = (verb: string, lines: Uint8Array = new Uint8Array(), argument = ''): Promise<unknown> => {
    const answered = answer();
    child.stdin.write(`${verb} ${lines.length}${argument === '' ? '' : ` ${argument}`}\n`);
    child.stdin.write(lines);
    return answered;
  };
  await answer();
  return {
    fill: async (lines) => { await hand('fill', lines); },
    feed: async (lines) => await hand('feed', lines) as Stretch, // the protocol's answer
    ask: hand,
    close: async () => { child.stdin.end(); await gone; },
  };
}
