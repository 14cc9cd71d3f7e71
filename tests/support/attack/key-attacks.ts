import type { Attack } from './attack.js';
import { lines, MEGABYTE, utf8 } from './text-input.js';

const GUID = '2F0B5A5A-0000-4000-8000-';
/** A recovery password of this number, and the protector that it is for. */
const pair = (i: number): string =>
  `${GUID}${String(i % 1e12).padStart(12, '0')},${`${String((i % 60_000) * 11).padStart(6, '0')}-`.repeat(7)}000000`;

const keys = (file: string, name: string, idea: string, bytes: () => Uint8Array<ArrayBuffer>): Attack => ({
  name: `key file, ${name}`,
  idea,
  file,
  bytes,
  verbs: [
    ['info', '--keys', 'FILE', 'BUNDLED'],
    ['scan', '--quick', '--recovery-key', '@FILE', 'BUNDLED'],
    ['info', '--password', '@FILE', 'BUNDLED'],
    ['info', '--startup-key', 'FILE', 'BUNDLED'],
  ],
});

const KEYS: readonly Attack[] = [
  keys('pairs.csv', 'ten megabytes of keys', 'each may be the one', () =>
    lines(10 * MEGABYTE, pair, 'KeyProtectorId,RecoveryPassword\n'),
  ),
  keys('pairs.txt', 'ten megabytes of keys in free text', 'each may be the one', () => lines(10 * MEGABYTE, pair)),
  keys('line.txt', 'ten megabytes of text in one line', 'no key at all', () => utf8('abc '.repeat(2_500_000))),
  keys('wide.txt', 'a byte order mark of UTF-16 before zeros', 'no text at all', () => {
    const bytes = new Uint8Array(10 * MEGABYTE);
    bytes.set([0xff, 0xfe]);
    return bytes;
  }),
  keys('wide-keys.txt', 'keys in UTF-16', 'as Windows saves them', () => {
    const text = Buffer.from(`\ufeff${new TextDecoder().decode(lines(5 * MEGABYTE, pair))}`, 'utf16le');
    return new Uint8Array(text);
  }),
  keys('columns.csv', 'a heading of ten million columns', 'each is compared', () => utf8(','.repeat(10 * MEGABYTE))),
  keys('objects.json', 'half a million empty objects', 'each could hold a key', () =>
    utf8(`[${'{},'.repeat(3_300_000)}{}]`),
  ),
  keys('members.json', 'an object of 100,000 keys', 'each is an id', () =>
    utf8(`{${Array.from({ length: 100_000 }, (_, i) => `"${pair(i).replace(',', '":"')}"`).join(',')}}`),
  ),
  keys('records.ldif', 'LDIF of folded lines', 'each continues the one before', () =>
    utf8(`dn: cn=x\n${' a\n'.repeat(3_300_000)}`),
  ),
  keys('digits.txt', 'ten megabytes of digits', 'each could begin a recovery password', () =>
    utf8('1'.repeat(10 * MEGABYTE)),
  ),
];

const undo = (file: string, name: string, idea: string, text: () => string): Attack => ({
  name: `undo file, ${name}`,
  idea,
  file,
  bytes: () => utf8(text()),
  verbs: [
    ['undo', '--check', 'FILE'],
    ['undo', '--check', '--json', 'FILE'],
  ],
});

const UNDO_HEAD =
  '{"schema":"deadbox.undo/1","tool":"deadbox","version":"1","createdAt":"2026-01-01T00:00:00Z",' +
  '"image":{"path":"/none","format":"raw","virtualSize":4096}';

const UNDOS: readonly Attack[] = [
  undo('line.json', 'ten megabytes of text', 'no JSON at all', () => 'x'.repeat(10 * MEGABYTE)),
  undo('nested.json', 'JSON nested five million deep', 'recursion in a parser', () => '['.repeat(5 * MEGABYTE)),
  undo('deep-data.json', 'facts nested 2.5 million deep', 'as above, where anything may stand', () => {
    const deep = `${'['.repeat(2_500_000)}${']'.repeat(2_500_000)}`;
    return `${UNDO_HEAD},"files":[],"writes":[],"operations":[{"id":"x","volume":1,"data":${deep}}]}`;
  }),
  undo('files.json', '300,000 files', 'each is listed', () => {
    const files = Array.from({ length: 300_000 }, (_, i) => `{"path":"/f${i}","size":1}`).join(',');
    return `${UNDO_HEAD},"files":[${files}],"writes":[],"operations":[]}`;
  }),
  undo('writes.json', 'a million writes of nothing', 'each is checked', () => {
    const writes = '{},'.repeat(3_000_000);
    return `${UNDO_HEAD},"files":[],"writes":[${writes}{}],"operations":[]}`;
  }),
];

/** Key files and undo files. */
export const KEY_ATTACKS: readonly Attack[] = [...KEYS, ...UNDOS];
