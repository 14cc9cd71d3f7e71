import { MemorySource } from '@deadbox/core';
import { Hive, type Machine, type OpenMachine, readPackages } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { machineFacts } from '../../../packages/triage/src/rules/machine-facts.js';
import { registryFacts } from '../../../packages/triage/src/rules/registry-facts.js';
import type { Rule } from '../../../packages/triage/src/rules/rule.js';
import { keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';

type Keys = Record<string, Record<string, ValueData>>;
const hive = async (keys: Keys): Promise<Hive> => Hive.open(new MemorySource(writeHive(keysFromPaths(keys))));
const many = (folder: string, count: number): Keys =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}\\A${100_000 + i}`, {}]));

const CLEAN = { verdict: 'clean' };
const opened = (more: Partial<Record<'system' | 'software', Hive>>, machine: object = {}): OpenMachine => ({
  machine: {
    securityProducts: [],
    serviceCount: 0,
    ...machine,
    hives: { system: CLEAN, software: CLEAN },
  } as unknown as Machine,
  ...more,
});
const ruleOf = (selection: object): Rule => ({ selections: { asked: selection } }) as unknown as Rule;
const answer = async (selection: object, machine: OpenMachine) =>
  (await machineFacts(ruleOf(selection), machine)).get('asked');

test('a service that may stand behind those that are looked at is neither there nor absent', async () => {
  const wanted = { type: 'SERVICE', name: 'zz*', exists: false };
  const services = 'ControlSet001\\Services';
  const of = async (count: number) =>
    opened({ system: await hive({ Select: { Current: 1 }, ...many(services, count) }) });
  expect(await answer(wanted, await of(16_384))).toBe(true);
  const long = await of(16_385);
  expect(await answer(wanted, long)).toBeUndefined();
  expect(await answer({ ...wanted, name: 'a100003*' }, long)).toBe(false);
  // One name is looked up, however long the list is.
  expect(await answer({ ...wanted, name: 'zz' }, long)).toBe(true);
});

test('a list of packages longer than any that is looked at tells nothing of updates', async () => {
  const key = (subkeyCount: number) => ({ subkeyCount, subkeys: () => Promise.resolve([]) });
  const software = (count: number) =>
    ({ key: () => Promise.resolve(key(count)), issues: { count: () => 0 } }) as unknown as Hive;
  expect(await readPackages(software(65_536), () => true)).toEqual([]);
  expect(await readPackages(software(65_537), () => true)).toBeUndefined();
  const wanted = { type: 'UPDATE', kb: 'KB5', exists: false };
  expect(await answer(wanted, opened({ software: software(65_536) }))).toBe(true);
  expect(await answer(wanted, opened({ software: software(65_537) }))).toBeUndefined();
});

test('a product is absent only where its version is known and all services were looked at', async () => {
  const system = await hive({});
  const wanted = { type: 'PRODUCT', name: 'Sensor', 'version|lt': '7.0.0.0', exists: true };
  const product = (version?: string) => ({ product: 'Sensor', vendor: 'Maker', version });
  const of = (serviceCount: number, ...securityProducts: object[]) =>
    opened({ system }, { serviceCount, securityProducts });
  expect(await answer(wanted, of(300))).toBe(false);
  expect(await answer(wanted, of(300, product('7.1.0.0')))).toBe(false);
  expect(await answer(wanted, of(300, product('6.1.0.0')))).toBe(true);
  expect(await answer(wanted, of(300, product()))).toBeUndefined();
  expect(await answer(wanted, of(16_384))).toBeUndefined();
});

test('what a hive does not show after reading was stopped is not absent', async () => {
  const system = await hive({ Select: { Current: 1 }, ControlSet001: {} });
  const machine = opened({ system });
  const rule = ruleOf({ type: 'REGISTRY_KEY', key: 'HKLM\\SYSTEM\\Setup', exists: true });
  expect((await registryFacts(rule, machine)).get('asked')).toBe(false);
  system.issues.add({ code: 'hive.work-exhausted', severity: 'warning', data: {} });
  expect((await registryFacts(rule, machine)).get('asked')).toBeUndefined();
});

test('a text longer than what an expression is tried on, which it does not fit, is neither a hit nor a miss', async () => {
  const long = `${'x'.repeat(300)}needle`;
  const system = await hive({
    Select: { Current: 1 },
    Setup: { Short: 'hay', Long: long, List: ['hay', long] },
    'ControlSet001\\Services\\a': { ImagePath: long },
  });
  const machine = opened({ system });
  const asked = async (value: string, pattern: string) => {
    const selection = { type: 'REGISTRY_VALUE', key: 'HKLM\\SYSTEM\\Setup', value, 'data|re': pattern, exists: true };
    return (await registryFacts(ruleOf(selection), machine)).get('asked');
  };
  expect(await asked('Short', 'needle')).toBe(false);
  expect(await asked('Long', '^x')).toBe(true);
  expect(await asked('Long', 'needle')).toBeUndefined();
  expect(await asked('List', 'hay')).toBe(true);
  expect(await asked('*', 'needle')).toBeUndefined();
  const service = (pattern: string) =>
    answer({ type: 'SERVICE', name: 'a', 'path|re': pattern, exists: true }, machine);
  expect(await service('^x')).toBe(true);
  expect(await service('needle')).toBeUndefined();
});
