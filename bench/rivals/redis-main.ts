import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createRedisRival } from './redis.js';
import { serveRival } from './rival-process.js';

/** Starts a redis-server of its own on a unix socket in a folder that goes with it; no port, nothing on disk. */
const folder = mkdtempSync(join(tmpdir(), 'weir-bench-redis-'));
const socket = join(folder, 'redis.sock');
const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', folder], { stdio: 'ignore' });
const end = (): void => { server.kill('SIGKILL'); rmSync(folder, { recursive: true, force: true }); };
process.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => { process.exit(1); });
await new Promise<void>((resolve, reject) => { server.on('spawn', resolve); server.on('error', reject); });
const redis = new Redis({ path: socket, retryStrategy: (times) => (times > 100 ? null : 50) });
redis.on('error', () => undefined); // until the socket is there; commands wait
await redis.ping();
await serveRival(createRedisRival(redis, new Set(process.argv.slice(2)), server));
redis.disconnect();
process.exit(0);
