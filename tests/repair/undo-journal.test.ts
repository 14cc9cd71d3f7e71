import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeadboxError, type Json } from '@deadbox/core';
import { journalState, readJournal } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
const image = join(folder, 'disk.img');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function journal(): Record<string, Json> {
  const [before, after] = [Buffer.alloc(512, 1), Buffer.alloc(512, 2)];
  return {
    schema: 'deadbox.undo/1',
    tool: 'deadbox',
    version: '1.0.0',
    createdAt: '2024-07-19T05:00:00.000Z',
    image: { path: image, format: 'raw', virtualSize: 4096 },
    files: [{ path: image, size: 4096 }],
    operations: [{ id: 'neutralise-file', volume: 1, data: {} }],
    writes: [
      {
        file: image,
        offset: 512,
        before: before.toString('base64'),
        after: after.toString('base64'),
        beforeSha256: sha256(before),
        afterSha256: sha256(after),
      },
    ],
  };
}

let made = 0;

function write(content: Json): string {
  made += 1;
  const path = join(folder, `undo-${made}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** The code of the typed error that `work` ends in; anything else is thrown on. */
function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isDeadboxError(error)) return error.code;
    throw error;
  }
  return 'none';
}

describe('an undo file that somebody else wrote', () => {
  test('is read when it is whole', () => {
    expect(readJournal(write(journal())).writes).toHaveLength(1);
  });

  const values: readonly Json[] = [null, 7, 'text', [], {}, [null], [7], { path: 1 }];
  test.each(Object.keys(journal()).filter((key) => key !== 'operations'))(
    'is refused with a typed error whatever stands in its field %s',
    (key) => {
      for (const value of values) {
        const isText = typeof value === 'string' && ['tool', 'version'].includes(key);
        const changed = write({ ...journal(), [key]: value });
        const isEmptyList = key === 'writes' && Array.isArray(value) && value.length === 0;
        expect([key, value, codeOf(() => readJournal(changed))]).toEqual([
          key,
          value,
          isText || isEmptyList ? 'none' : 'REPAIR_JOURNAL_INVALID',
        ]);
      }
    },
  );

  test('is refused when its time could move a cursor', () => {
    const changed = write({ ...journal(), createdAt: '2024-07-19 (\u001b[2J) T00:00:00Z' });
    expect(codeOf(() => readJournal(changed))).toBe('REPAIR_JOURNAL_INVALID');
  });

  test('that is missing, or whose image is missing or was cut, is told so', () => {
    expect(codeOf(() => readJournal(join(folder, 'none.json')))).toBe('SOURCE_NOT_FOUND');
    const read = readJournal(write(journal()));
    expect(codeOf(() => journalState(read))).toBe('SOURCE_NOT_FOUND');
    writeFileSync(image, new Uint8Array(700));
    expect(codeOf(() => journalState(read))).toBe('REPAIR_UNEXPECTED_BYTES');
  });
});
