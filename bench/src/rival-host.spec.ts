import { describe, expect, it } from '@jest/globals';
import { ProgramEnded, startProgram } from './rival-host.js';

const script = (text: string) => ({ command: process.execPath, args: ['-e', text] });

describe('a program of the benchmark', () => {
  it('is told of with its program when it ends before it is ready', async () => {
    const program = script('process.exit(3)');
    await expect(startProgram(program)).rejects.toMatchObject({ program, message: expect.stringContaining('code 3') });
  });

  it('refuses questions once it has ended', async () => {
    const running = await startProgram(script('console.log("{}"); process.stdin.once("data", () => process.exit(1))'));
    await expect(running.fill(new Uint8Array([10]))).rejects.toBeInstanceOf(ProgramEnded);
    await expect(running.fill(new Uint8Array([10]))).rejects.toBeInstanceOf(ProgramEnded);
    await running.close();
  });

  it('ends when its stdin does', async () => {
    const running = await startProgram(script('console.log("{}"); process.stdin.resume()'));
    await running.close();
  });
});
