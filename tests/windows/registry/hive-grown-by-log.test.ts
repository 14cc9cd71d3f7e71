import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { Hive } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';

describeWithCase('a hive that its log makes longer', '15-hive-grown-by-log', ['python3'], (made) => {
  const open = (folder: string): Promise<Hive> => {
    const files = new Map(
      readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))] as const),
    );
    const source = (name: string): MemorySource | undefined => {
      const bytes = files.get(name);
      return bytes === undefined ? undefined : new MemorySource(bytes);
    };
    return Hive.open(source('SYSTEM') as MemorySource, { log1: source('SYSTEM.LOG1'), log2: source('SYSTEM.LOG2') });
  };

  test.each(['grow-4k', 'grow-64k', 'grow-second-log', 'order-reversed', 'file-longer'])(
    '%s has the key that only the log holds, and the old one',
    async (name) => {
      const hive = await open(made(name));
      expect((await hive.root.subkeys()).map((key) => key.name).sort()).toEqual(['Added', 'Old']);
      expect(await (await hive.key('Added'))?.number('Answer')).toBe(0x12345678);
    },
  );
});
