import { describe, expect, test } from 'vitest';
import { groupStates } from '../../../packages/triage/src/servers/group-states.js';
import type { ServerIdentity } from '../../../packages/triage/src/servers/server-identity.js';
import type { FoundState } from '../../../packages/triage/src/servers/server-states.js';

const COUNT = 2000;

const NOTHING: ServerIdentity = {
  name: undefined,
  domain: undefined,
  machineId: undefined,
  diskId: undefined,
  partitionIds: new Set(),
  serials: new Set(),
};

/** The states of images told by these; `asked` is called whenever one of what they are told by is looked at. */
function imagesOf(identities: readonly Partial<ServerIdentity>[], asked: () => void = () => undefined): FoundState[][] {
  return identities.map((own, index) => {
    const identity = new Proxy(
      { ...NOTHING, ...own },
      {
        get: (target, key, receiver) => {
          asked();
          return Reflect.get(target, key, receiver);
        },
      },
    );
    return [{ identity, domain: String(index) } as FoundState];
  });
}

/** The groups as numbers of the images. */
const groupsOf = (identities: readonly Partial<ServerIdentity>[]): number[][] =>
  groupStates(imagesOf(identities)).map(({ states }) => states.map(({ domain }) => Number(domain)).sort());

describe('states are grouped without comparing each with each', () => {
  test.each<[string, number, (index: number) => Partial<ServerIdentity>]>([
    ['one name and one disk, each another machine', COUNT, (i) => ({ name: 'a', machineId: String(i), diskId: 'd' })],
    ['one name, each without any id in common', COUNT, (i) => ({ name: 'a', serials: new Set([String(i)]) })],
    ['no name and one serial, each another disk', 1, (i) => ({ diskId: String(i), serials: new Set(['s']) })],
    ['no name, a disk that is the machine of the one before', 1, (i) => ({ diskId: `${i >> 1}`, machineId: 'm' })],
    ['a name each and one serial for all', COUNT, (i) => ({ name: String(i), serials: new Set(['s']) })],
    ['one name, each like the one before', 1, (i) => ({ name: 'a', serials: new Set([String(i), String(i + 1)]) })],
  ])('%s', (_, servers, identity) => {
    let asked = 0;
    const images = imagesOf(
      Array.from({ length: COUNT }, (__, index) => identity(index)),
      () => {
        asked += 1;
      },
    );
    expect(groupStates(images)).toHaveLength(servers);
    expect(asked).toBeLessThan(COUNT * 40);
  });
});

describe('a state without a machine id, of the same name', () => {
  const [one, two] = [
    { name: 'a', machineId: 'm1', diskId: 'd', serials: new Set(['s1']) },
    { name: 'a', machineId: 'm2', diskId: 'd', serials: new Set(['s2']) },
  ];

  test('belongs to the machine whose serial it has, in whatever order they come', () => {
    const own = { name: 'a', serials: new Set(['s1']) };
    expect(groupsOf([own, one, two])).toEqual([[0, 1], [2]]);
    expect(groupsOf([two, one, own])).toEqual([[0], [1, 2]]);
  });

  test('belongs to none where two have its disk: nobody can tell', () => {
    const own = { name: 'a', diskId: 'd' };
    expect(groupsOf([own, one, two])).toHaveLength(3);
    expect(groupsOf([one, two, own])).toHaveLength(3);
  });

  test('says by what it is told, and nothing that only others have', () => {
    const own = { name: 'a', serials: new Set(['s1']) };
    expect(groupStates(imagesOf([one, own])).map(({ reasons }) => [...reasons])).toEqual([['volume-serial', 'name']]);
  });
});
