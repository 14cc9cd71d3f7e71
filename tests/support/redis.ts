import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { afterAll } from 'vitest';

/** A Redis of a test, on a port of its own. */
export interface RedisServer {
  readonly url: string;
  /** Goes away, with all connections; what it keeps on disk stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** @param password - that it asks for */
export async function redisServer(folder: string, password?: string): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''];
    child = spawn('redis-server', password === undefined ? args : [...args, '--requirepass', password], {
      stdio: 'ignore',
    });
    while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (child === undefined || child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  afterAll(stop);
  await start();
  return { url: `redis://127.0.0.1:${port}`, stop, start };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (bytes) => {
      socket.destroy();
      // While it reads what it kept it answers, and takes nothing.
      resolve(!bytes.toString().startsWith('-LOADING'));
    });
    socket.on('error', () => resolve(false));
  });
}
