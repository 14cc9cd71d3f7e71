import { type Bytes, IssueLog, toHex } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { formatSddl, NtfsVolume, SecurityStore } from '@deadbox/ntfs';
import { hashSecurityDescriptor, parseSecurityDescriptor } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { hasTool, run } from '../../support/tools.js';

function hex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

/** The example of [MS-DTYP] 2.5.1.4. */
const EXAMPLE = hex(`
  01 00 14 b0 90 00 00 00 a0 00 00 00 14 00 00 00 30 00 00 00 02 00 1c 00 01 00 00 00 02 80 14 00 00 00 00 80
  01 01 00 00 00 00 00 01 00 00 00 00 02 00 60 00 04 00 00 00 00 03 18 00 00 00 00 a0 01 02 00 00 00 00 00 05
  20 00 00 00 21 02 00 00 00 03 18 00 00 00 00 10 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00 00 03 14 00
  00 00 00 10 01 01 00 00 00 00 00 05 12 00 00 00 00 03 14 00 00 00 00 10 01 01 00 00 00 00 00 03 00 00 00 00
  01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00`);

/** Two letters each, in one order: SDDL texts that differ only in it say the same. */
function sortFlags(text: string): string {
  return text.replaceAll(
    /;([A-Z]{2,})(?=;)/g,
    (_, letters: string) => `;${(letters.match(/../g) ?? []).sort().join('')}`,
  );
}

describe('a security descriptor', () => {
  test('has the text that [MS-DTYP] gives for its example', () => {
    const text = formatSddl(parseSecurityDescriptor(EXAMPLE));
    expect(sortFlags(text)).toBe(
      sortFlags('O:BAG:BAD:P(A;CIOI;GRGX;;;BU)(A;CIOI;GA;;;BA)(A;CIOI;GA;;;SY)(A;CIOI;GA;;;CO)S:P(AU;FA;GR;;;WD)'),
    );
  });

  test('with an object entry names the types', () => {
    const bytes = hex(`01 00 04 80 00000000 00000000 00000000 14000000
      04 00 40 00 01 00 0000
      05 02 38 00 30000000 03000000 00112233445566778899aabbccddeeff ffeeddccbbaa99887766554433221100 01 01 00 00 00 00 00 05 0b000000`);
    expect(formatSddl(parseSecurityDescriptor(bytes))).toBe(
      'D:(OA;CI;RPWP;33221100-5544-7766-8899-aabbccddeeff;ccddeeff-aabb-8899-7766-554433221100;AU)',
    );
  });

  test('without a list that is marked present lets everybody in, and says so', () => {
    expect(formatSddl(parseSecurityDescriptor(hex('01 00 04 80 00000000 00000000 00000000 00000000')))).toBe(
      'D:NO_ACCESS_CONTROL',
    );
  });

  test('with damaged entries keeps those before them', () => {
    const bytes = EXAMPLE.slice();
    bytes[0x38 + 0x18 + 2] = 0xff;
    const { dacl } = parseSecurityDescriptor(bytes);
    expect(dacl?.entries).toHaveLength(1);
    expect(dacl?.missing).toBe(3);
  });

  test('that is none is refused', () => {
    expect(() => parseSecurityDescriptor(new Uint8Array(64))).toThrow(
      expect.objectContaining({ code: 'NTFS_SECURITY_INVALID' }),
    );
    expect(() => parseSecurityDescriptor(EXAMPLE.slice(0, 19))).toThrow(
      expect.objectContaining({ code: 'NTFS_SECURITY_INVALID' }),
    );
  });

  test('gives an answer or its error, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(EXAMPLE.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = EXAMPLE.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          expect(formatSddl(parseSecurityDescriptor(bytes)).length).toBeLessThan(2000);
        } catch (error) {
          expect(error).toMatchObject({ code: 'NTFS_SECURITY_INVALID' });
        }
      }),
    );
  });
});

describeWithCorpus('$Secure', () => {
  const path = (id: string): string => corpusFile(corpusManifest().find((entry) => entry.id === id) as never);
  const open = async (id: string): Promise<{ volume: NtfsVolume; store: SecurityStore; issues: IssueLog }> => {
    const volume = await NtfsVolume.open(await openFile(path(id)));
    const issues = new IssueLog();
    const file = await volume.file(9);
    return { volume, issues, store: await SecurityStore.open(file.attributeSet, volume.geometry.clusterSize, issues) };
  };

  test.runIf(hasTool('ntfssecaudit'))('gives each file the descriptor that ntfssecaudit prints', async () => {
    for (const id of ['win-ntfs-ads-same-ids', 'win-ntfs-tiny-logfile']) {
      const { volume, store } = await open(id);
      let compared = 0;
      for (const name of ['/$Extend', '/$Extend/$ObjId', '/$MFT', '/$Secure', '/$Boot']) {
        const printed = run('ntfssecaudit', ['-v', path(id), name]);
        const key = /Security key : (0x[0-9a-f]+)/.exec(printed)?.[1];
        if (key === undefined) continue;
        const expected = [...printed.matchAll(/^ {8}[0-9a-f]{6} {2}(.*)$/gm)]
          .map((match) => match[1].replaceAll(' ', ''))
          .join('');
        const file = await volume.lookup(name);
        expect(file?.standardInformation?.securityId).toBe(Number(key));
        const entry = await store.get(Number(key));
        expect(toHex(entry?.bytes as Bytes)).toBe(expected);
        expect(entry?.hash).toBe(Number(/Computed hash : (0x[0-9a-f]+)/.exec(printed)?.[1]));
        expect(entry?.descriptor.owner).toBe(/Windows owner (\S+)/.exec(printed)?.[1]);
        expect(entry?.descriptor.group).toBe(/Windows group (\S+)/.exec(printed)?.[1]);
        compared += 1;
      }
      expect(compared).toBeGreaterThan(2);
    }
  });

  test.runIf(hasTool('ntfssecaudit'))('lists the ids that ntfssecaudit finds in $SII', async () => {
    const { store, issues } = await open('win-ntfs-ads-same-ids');
    const audit = run('ntfssecaudit', ['-av', path('win-ntfs-ads-same-ids')]);
    const section = audit.slice(audit.indexOf('Auditing $SII'), audit.indexOf('valid entries in $SII'));
    const expected = [...section.matchAll(/key (0x[0-9a-f]+)/g)]
      .map((match) => Number(match[1]))
      .sort((left, right) => left - right);
    const found: number[] = [];
    for await (const batch of store.entries()) for (const entry of batch) found.push(entry.id);
    expect(found).toEqual(expected);
    expect(issues.issues).toEqual([]);
    expect(await store.get(0x7777)).toBeUndefined();
  });

  test('gives the default rights of a Windows volume in the text that Windows shows', async () => {
    const { volume } = await open('win-ntfs-ads-same-ids');
    const root = await volume.root();
    const value = await root.attribute(0x50);
    const bytes = await value.read(0, value.size);
    // `icacls C:\ /save` of a fresh volume.
    expect(formatSddl(parseSecurityDescriptor(bytes))).toBe(
      'O:SYG:SYD:(A;;FA;;;BA)(A;OICIIO;GA;;;BA)(A;;FA;;;SY)(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)',
    );
    expect(hashSecurityDescriptor(bytes)).toBe(0x8604_384f);
  });

  test('takes the copy when the first place of a descriptor is damaged', async () => {
    const { volume, issues, store } = await open('win-ntfs-ads-same-ids');
    const good = await store.get(0x101);
    const secure = await volume.file(9);
    const places = await secure.dataRuns('$SDS');
    const at = (places[0]?.offset ?? 0) + (good?.offset ?? 0) + 30;
    const damaged = new Uint8Array(await volume.source.read(0, volume.source.size)).slice();
    damaged[at] = damaged[at] ^ 0xff;
    const again = await NtfsVolume.open({
      size: damaged.length,
      read: (offset, length) => damaged.slice(offset, offset + length),
    });
    const other = await SecurityStore.open((await again.file(9)).attributeSet, again.geometry.clusterSize, issues);
    const entry = await other.get(0x101);
    expect(entry?.fromCopy).toBe(true);
    expect(entry?.bytes).toEqual(good?.bytes);
    expect(issues.count('ntfs.security-store')).toBe(1);
  });
});
