import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import {
  combineKeys,
  type KeyProvider,
  keyFileProvider,
  keyList,
  parseKeyFile,
  type UnlockKey,
} from '@deadbox/encryption';
import { UsageError, usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import type { InputFiles } from '../output/input-files.node.js';

const MAX_KEY_FILE = 64 << 20;

/** The keys that the options give, and what they are called. */
export interface GivenKeys {
  readonly provider: KeyProvider;
  /** Labels of single keys, e.g. `--recovery-key #1`: for "was not needed". */
  readonly labels: string[];
}

/**
 * Reads the secrets of the command line: `VALUE`, `@FILE`, `env:NAME`, or `-` to be asked. A literal one earns one warning,
 * through `warn`, because other users of the machine can see it in the process list.
 */
export async function readSecrets(
  options: CommonOptions,
  inputs: InputFiles,
  warn: () => void,
): Promise<GivenKeys | undefined> {
  const keys: UnlockKey[] = [];
  let literal = false;
  for (const [flag, kind, values] of [
    ['--recovery-key', 'recovery-password', options.recoveryKey],
    ['--password', 'password', options.password],
  ] as const) {
    for (const [index, value] of (values ?? []).entries()) {
      const label = `${flag} #${index + 1}`;
      const secret = await readSecret(value, label, inputs);
      literal ||= secret.literal;
      keys.push({ kind, label, text: secret.text });
    }
  }
  for (const [index, path] of (options.startupKey ?? []).entries()) {
    const label = `--startup-key #${index + 1}`;
    keys.push({ kind: 'startup-key', label, bytes: new Uint8Array(readKeyFile(path, label, inputs)) });
  }
  const files = (options.keys ?? []).map((path, index) => {
    const label = `--keys #${index + 1}`;
    return keyFileProvider(parseKeyFile(new Uint8Array(readKeyFile(path, label, inputs)), label));
  });
  if (literal && options.quiet !== true) {
    warn();
  }
  if (keys.length === 0 && files.length === 0) return undefined;
  return { provider: combineKeys(keyList(keys), ...files), labels: keys.map((key) => key.label) };
}

async function readSecret(
  value: string,
  label: string,
  inputs: InputFiles,
): Promise<{ text: string; literal: boolean }> {
  if (value === '-') return { text: await ask(label), literal: false };
  if (value.startsWith('@'))
    return { text: firstLine(readKeyFile(value.slice(1), label, inputs).toString('utf8')), literal: false };
  if (value.startsWith('env:')) {
    const text = process.env[value.slice(4)];
    if (text === undefined) throw usageError('no-variable', { label, name: value.slice(4) });
    return { text, literal: false };
  }
  return { text: value, literal: true };
}

/** A password may end in a space, never in a line break. */
function firstLine(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r?\n[\s\S]*$/, '');
}

function readKeyFile(path: string, label: string, inputs: InputFiles): Buffer {
  inputs.add(path);
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_KEY_FILE)
      throw usageError('key-file-too-large', { label, path, mebibytes: MAX_KEY_FILE >> 20 });
    return bytes;
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
  process.stderr.write(`${label}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  const text = await new Promise<string>((resolve) => lines.question('', resolve));
  lines.close();
  process.stderr.write('\n');
  return text;
}
