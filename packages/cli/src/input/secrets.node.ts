import { closeSync, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { concatBytes, defined } from '@deadbox/core';
import {
  combineKeys,
  type KeyProvider,
  keyFileProvider,
  keyList,
  parseKeyFile,
  passwordsIn,
  recoveryKeysIn,
  type TextKey,
} from '@deadbox/encryption';
import { UsageError, usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import type { InputFiles } from '../output/input-files.node.js';
import { standardError } from '../output/standard-streams.node.js';

const MAX_KEY_FILE = 64 << 20;
const PIECE = 1 << 16;

/** The keys that the options give, and what they are called. */
export interface GivenKeys {
  readonly provider: KeyProvider;
  /**
   * Labels of keys, e.g. `--recovery-key #1`: for "was not needed". Those of a file with several begin with it, too.
   */
  readonly labels: string[];
}

/**
 * Reads the secrets of the command line: `VALUE`, `@FILE`, `env:NAME`, or `-` to be asked. A literal one earns one
 * warning, through `warn`, because other users of the machine can see it in the process list.
 */
export async function readSecrets(
  options: CommonOptions,
  inputs: InputFiles,
  warn: () => void,
): Promise<GivenKeys | undefined> {
  const labels: string[] = [];
  const providers: KeyProvider[] = [];
  const add = (label: string, provider: KeyProvider): void => {
    labels.push(label);
    providers.push(provider);
  };
  let literal = false;
  for (const [flag, kind, values] of [
    ['--recovery-key', 'recovery-password', options.recoveryKey],
    ['--password', 'password', options.password],
  ] as const) {
    for (const [index, value] of (values ?? []).entries()) {
      const label = `${flag} #${index + 1}`;
      literal ||= value !== '-' && !/^(?:@|env:)/.test(value);
      add(label, await secretOf(value, { kind, label }, inputs));
    }
  }
  for (const [index, path] of (options.startupKey ?? []).entries()) {
    const label = `--startup-key #${index + 1}`;
    add(label, keyList([{ kind: 'startup-key', label, bytes: readKeyFile(path, label, inputs) }]));
  }
  for (const [index, path] of (options.keys ?? []).entries()) {
    const label = `--keys #${index + 1}`;
    providers.push(keyFileProvider(parseKeyFile(readKeyFile(path, label, inputs), label)));
  }
  if (literal && options.quiet !== true) {
    warn();
  }
  return providers.length === 0 ? undefined : { provider: combineKeys(...providers), labels };
}

/** The options with what was typed in place of each `-`: asked once, for many parts of a run. */
export async function withAskedSecrets<Options extends CommonOptions>(options: Options): Promise<Options> {
  const answered = async (flag: string, values: readonly string[] | undefined): Promise<string[] | undefined> => {
    const given: string[] = [];
    for (const [index, value] of (values ?? []).entries())
      given.push(value === '-' ? await ask(`${flag} #${index + 1}`) : value);
    return values === undefined ? undefined : given;
  };
  return {
    ...options,
    ...defined({
      recoveryKey: await answered('--recovery-key', options.recoveryKey),
      password: await answered('--password', options.password),
    }),
  };
}

/** The keys that one value of an option stands for: a file may hold several. */
async function secretOf(
  value: string,
  { kind, label }: Pick<TextKey, 'kind' | 'label'>,
  inputs: InputFiles,
): Promise<KeyProvider> {
  if (value.startsWith('@')) {
    const bytes = readKeyFile(value.slice(1), label, inputs);
    return kind === 'recovery-password' ? recoveryKeysIn(bytes, label) : keyList(passwordsIn(bytes, label));
  }
  return keyList([{ kind, label, text: await textOf(value, label) }]);
}

async function textOf(value: string, label: string): Promise<string> {
  if (value === '-') return ask(label);
  if (!value.startsWith('env:')) return value;
  const text = process.env[value.slice(4)];
  if (text === undefined) throw usageError('no-variable', { label, name: value.slice(4) });
  return text;
}

/** Reads in pieces: the size of a pipe is not known before, and that of a device not at all. */
function readKeyFile(path: string, label: string, inputs: InputFiles): Uint8Array<ArrayBuffer> {
  inputs.add(path);
  try {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const file = openSync(path, 'r');
    try {
      for (let total = 0; ; ) {
        const piece = new Uint8Array(PIECE);
        const length = readSync(file, piece);
        if (length === 0) return concatBytes(pieces);
        total += length;
        if (total > MAX_KEY_FILE)
          throw usageError('key-file-too-large', { label, path, mebibytes: MAX_KEY_FILE >> 20 });
        pieces.push(length < PIECE / 2 ? piece.slice(0, length) : piece.subarray(0, length));
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw usageError('key-file-unreadable', { label, path, reason: (error as Error).message });
  }
}

/** Asks on the terminal without showing what is typed. */
async function ask(label: string): Promise<string> {
  if (!process.stdin.isTTY) {
    const lines = createInterface({ input: process.stdin });
    for await (const line of lines) {
      lines.close();
      return line;
    }
    throw usageError('nothing-on-stdin', { label });
  }
  standardError().write(`${label}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  const text = await new Promise<string>((resolve) => lines.question('', resolve));
  lines.close();
  standardError().write('\n');
  return text;
}
