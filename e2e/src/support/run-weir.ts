import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repository } from './repository.js';

/** How a command ended, and what it printed. */
interface CommandResult { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs `weir ARGS` from the repository's top, as built. */
export function runWeir(args: readonly string[], environment: Record<string, string> = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(repository, 'apps/cli/bin/weir.mjs'), ...args], { cwd: repository, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
