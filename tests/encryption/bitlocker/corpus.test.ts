import { detectEncryption } from '@deadbox/encryption';
import { expect, test } from 'vitest';
import { type CorpusEntry, describeWithCorpus } from '../../support/corpus.js';
import { bitLockerEntries as entries, testSecrets, withImage } from '../../support/encryption/corpus-volumes.js';

describeWithCorpus('metadata of every BitLocker volume of the corpus', () => {
  for (const entry of entries()) {
    const { expected } = entry;
    test(`${entry.id}: protectors, method and description are those that other tools read`, async () => {
      await withImage(entry, async (source) => {
        const finding = await detectEncryption(source);
        expect(finding.product).toBe('BitLocker');
        expect(finding.confidence).toBe('verified');
        if (expected.method !== undefined) expect(finding.method).toBe(expected.method);
        if (expected.protectors !== undefined) {
          const found = finding.keyProtectors.map(({ id, type }) => ({ guid: id.toLowerCase(), type }));
          expect(found).toEqual(expected.protectors);
        }
        const dump = expected.cryptsetup_bitlkDump;
        // Of the image with two damaged copies, cryptsetup reads a damaged one.
        if (dump?.guid !== undefined && !entry.id.endsWith('-crc')) {
          expect(finding.bitlocker).toMatchObject({
            volumeId: dump.guid.toUpperCase(),
            description: dump.description,
            sectorSize: dump.sector_size,
          });
          const areas = dump.segments.filter((item: { kind: string }) => item.kind === 'FVE metadata area');
          expect(finding.bitlocker?.copies.map((copy) => copy.offset)).toEqual(
            areas.map((item: { offset: number }) => item.offset),
          );
          expect(Date.parse(`${dump.created} UTC`)).toBe(
            Math.floor(Date.parse(String(finding.bitlocker?.created)) / 1000) * 1000,
          );
        }
        const numbers = /\((\d)\)/;
        const { state, next_state } = expected.dislocker_metadata ?? {};
        if (state !== undefined) {
          expect(finding.bitlocker?.stateNumbers).toEqual({
            current: Number(numbers.exec(state)?.[1]),
            next: Number(numbers.exec(next_state)?.[1]),
          });
        }
      });
    });
  }

  const states: Record<string, object> = {
    'win-bitlk-aes-xts-128': {
      verdict: 'encrypted-locked',
      state: 'locked',
      flags: [],
      needs: ['recovery-password', 'password'],
    },
    'win-bitlk-aes-xts-128-clearkey-only': {
      verdict: 'encrypted-unlockable',
      state: 'waiting-for-activation',
      flags: [],
      needs: ['nothing'],
    },
    'win-bitlk-aes-xts-128-crc': { verdict: 'encrypted-locked', state: 'locked', flags: ['metadata-damaged'] },
    'win-bitlk-partially-encrypted-aes-cbc-128': {
      verdict: 'encrypted-unlockable',
      state: 'decrypting',
      flags: ['partial'],
    },
    'win-fve-eow-partial': { verdict: 'encrypted-locked', state: 'locked', flags: ['partial'] },
    'win-fve-decrypted': { verdict: 'none', state: 'decrypted', flags: [], needs: ['nothing'] },
    'win-fve-vista': { verdict: 'encrypted-locked', state: 'locked', method: 'AES-CBC-128 + Elephant diffuser' },
  };
  for (const [id, expected] of Object.entries(states)) {
    test(`${id} is in the state that its makers describe`, async () => {
      const entry = entries().find((item) => item.id === id) as CorpusEntry;
      await withImage(entry, async (source) => expect(await detectEncryption(source)).toMatchObject(expected));
    });
  }

  test('takes the intact third copy where two are damaged, although another tool does not', async () => {
    const entry = entries().find((item) => item.id.endsWith('-crc')) as CorpusEntry;
    await withImage(entry, async (source) => {
      const { bitlocker, issues } = await detectEncryption(source);
      expect(bitlocker?.description).toBe('DESKTOP-NPM7RCA H: 7/4/2019');
      expect(bitlocker?.copies.map(({ status, used }) => [status, used])).toEqual([
        ['bad-crc', false],
        ['bad-crc', false],
        ['good', true],
      ]);
      expect(issues.map((issue) => issue.code)).toEqual(['bitlocker.metadata-crc', 'bitlocker.metadata-crc']);
    });
  });

  test('calls To Go media by their name: the FAT boot sector is not taken for FAT', async () => {
    const entry = entries().find((item) => item.id.includes('togo')) as CorpusEntry;
    await withImage(entry, async (source) => expect((await detectEncryption(source)).bitlocker?.variant).toBe('to-go'));
  });
});

describeWithCorpus('every listed secret of the first collection opens its volume', () => {
  testSecrets('win-bitlk');
});
