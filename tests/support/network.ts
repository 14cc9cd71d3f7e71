import { spawnSync } from 'node:child_process';
import { afterAll } from 'vitest';
import { run } from './tools.js';

/** Whether this process may make networks of its own: root, where the system's container lets it. */
export const canMakeNetworks: boolean =
  process.getuid?.() === 0 && spawnSync('unshare', ['--net', 'true'], { stdio: 'ignore' }).status === 0;

/** A host of a test: a network namespace with one cable, to the server's. */
export interface TestHost {
  /** What comes before a command that runs on this host; nothing for the host of the test itself. */
  readonly prefix: readonly string[];
  /** Address of the server, as this host sees it. */
  readonly server: string;
  /** Pulls the cable, or puts it back: what is sent meanwhile is lost, and nobody is told. */
  cable(state: 'down' | 'up'): void;
}

/** Hosts with a cable each to one server. */
export interface TestNetwork {
  /** What comes before a command that runs on the server. */
  readonly serverPrefix: readonly string[];
  /** Makes it, with so many hosts, the first of which is that of the test itself. */
  make(count: number): readonly TestHost[];
}

/** A network that is gone after the suite. Call inside `describe`. */
export function testNetwork(): TestNetwork {
  const server = spaceName('server');
  const made: string[] = [];
  afterAll(() => {
    for (const space of made) spawnSync('ip', ['netns', 'delete', space]);
  });
  const addSpace = (space: string): void => {
    run('ip', ['netns', 'add', space]);
    made.push(space);
  };
  return {
    serverPrefix: ['ip', 'netns', 'exec', server],
    make: (count) => {
      addSpace(server);
      return Array.from({ length: count }, (_, number) => {
        if (number > 0) addSpace(spaceName(String(number)));
        return addHost(server, number);
      });
    },
  };
}

const spaceName = (part: string): string => `deadbox-${process.pid}-${part}`;

function addHost(server: string, number: number): TestHost {
  const isOwn = number === 0;
  const space = spaceName(String(number));
  // Names of network cards have at most fifteen characters.
  const [cable, end] = [`cable${number}`, `db${process.pid}-${number}`];
  // A net that is set aside for tests of networks (RFC 2544).
  const [near, far] = [4 * number + 1, 4 * number + 2].map((last) => `198.18.${process.pid % 256}.${last}`);
  const own = isOwn ? [] : ['-n', space];
  run('ip', ['-n', server, 'link', 'add', cable, 'type', 'veth', 'peer', 'name', end]);
  run('ip', ['-n', server, 'link', 'set', end, 'netns', isOwn ? String(process.pid) : space]);
  run('ip', ['-n', server, 'address', 'add', `${near}/30`, 'dev', cable]);
  run('ip', [...own, 'address', 'add', `${far}/30`, 'dev', end]);
  run('ip', ['-n', server, 'link', 'set', cable, 'up']);
  run('ip', [...own, 'link', 'set', end, 'up']);
  return {
    prefix: isOwn ? [] : ['ip', 'netns', 'exec', space],
    server: near,
    cable: (state) => void run('ip', ['-n', server, 'link', 'set', cable, state]),
  };
}
