import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { afterAll } from 'vitest';

/** A Redis of a test, on a port of its own. */
export interface RedisServer {
  /** Once it was started. */
  readonly url: string;
  /** Goes away, with all connections; what it keeps on disk stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** What a server of a test is besides one of this host for everybody. */
export interface RedisOptions {
  /** That it asks for. */
  readonly password?: string;
  /** What runs it elsewhere, and the address at which it is reached there. */
  readonly prefix?: readonly string[];
  readonly host?: () => string;
}

/** A server that keeps its data in `folder`; it ends with the suite. Call inside `describe`, and start it there. */
export function redisServer(
  folder: string,
  { password, prefix = [], host = () => '127.0.0.1' }: RedisOptions = {},
): RedisServer {
  let port = 0;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    // Back at its own place, where it was away.
    if (port === 0) port = await freePort();
    const bind = prefix.length === 0 ? '127.0.0.1' : '0.0.0.0';
    const place = ['--port', String(port), '--bind', bind, '--protected-mode', 'no', '--dir', folder];
    const args = [...place, '--appendonly', 'yes', '--save', ''];
    const [program, ...before] = [...prefix, 'redis-server'];
    child = spawn(program, [...before, ...args, ...(password === undefined ? [] : ['--requirepass', password])], {
      stdio: 'ignore',
    });
    while (!(await answers(host(), port))) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (child === undefined || child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  afterAll(stop);
  return {
    get url() {
      return `redis://${host()}:${port}`;
    },
    stop,
    start,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write('PING\r\n'));
    socket.once('data', (bytes) => {
      socket.destroy();
      // While it reads what it kept it answers, and takes nothing.
      resolve(!bytes.toString().startsWith('-LOADING'));
    });
    socket.on('error', () => resolve(false));
  });
}
