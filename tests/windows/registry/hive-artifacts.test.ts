import { createHash } from 'node:crypto';
import { IssueLog, MemorySource } from '@deadbox/core';
import { Hive, type HiveLogSources, openControlSet, readMachine, registryLine } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { type Artifact, artifactBytes, describeWithArtifacts } from '../../support/artifacts.js';
import { memoryTree } from '../../support/memory-tree.js';

/** The logs that were published beside a hive. */
function logsOf(artifact: Artifact): HiveLogSources {
  const sources = (artifact.extra_files ?? []).map(
    (log) => [log.name.toLowerCase(), new MemorySource(artifactBytes(log))] as const,
  );
  return Object.fromEntries(sources);
}

/** The listing of a hive in the form of the oracle. */
async function listing(hive: Hive): Promise<{ rows: number; sha256_of_sorted_tsv: string }> {
  const lines: string[] = [];
  for await (const rows of hive.walk())
    for (const row of rows) {
      const { key, name, type, size, sha256 } = registryLine(row);
      lines.push(type === -1 ? `${key}\t\t-1\t0\t` : `${key}\t${name}\t${type}\t${size}\t${sha256}`);
    }
  lines.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  const text = lines.map((line) => `${line}\n`).join('');
  return { rows: lines.length, sha256_of_sorted_tsv: createHash('sha256').update(text).digest('hex') };
}

const CONFIG = '/Windows/System32/config';

describeWithArtifacts('real hives', 'hive', (artifacts) => {
  const listed = artifacts.filter(({ expected }) => expected.sha256_of_sorted_tsv !== undefined);
  test.each(listed)('$id has the keys and values that hivex finds', async (artifact) => {
    const hive = await Hive.open(new MemorySource(artifactBytes(artifact)));
    const { rows, sha256_of_sorted_tsv } = artifact.expected;
    expect(await listing(hive)).toEqual({ rows, sha256_of_sorted_tsv });
  });

  const dirty = artifacts.filter(({ expected }) => expected.replayed?.sha256_of_sorted_tsv !== undefined);
  test.each(dirty)('$id has with its logs the keys and values that yarp finds', async (artifact) => {
    const bytes = artifactBytes(artifact);
    const { unreplayed, replayed } = artifact.expected;
    const withLogs = await listing(await Hive.open(new MemorySource(bytes), logsOf(artifact)));
    expect(withLogs).toEqual({ rows: replayed.rows, sha256_of_sorted_tsv: replayed.sha256_of_sorted_tsv });
    if (unreplayed === undefined) return;
    expect(await listing(await Hive.open(new MemorySource(bytes)))).toEqual(unreplayed);
  });

  const systems = artifacts.filter(({ expected }) => expected.facts?.select !== undefined);
  test.each(systems)('$id tells the facts that hivex tells', async (artifact) => {
    const { facts } = artifact.expected;
    const { machine } = await readMachine(memoryTree({ [`${CONFIG}/SYSTEM`]: artifactBytes(artifact) }), '/Windows');
    expect(machine.controlSet?.name).toBe(facts.cs);
    expect(machine.computerName ?? null).toBe(facts.computerName);
    expect(machine.serviceCount).toBe(facts.services);
    expect(machine.bootDrivers.map(({ name }) => name).sort()).toEqual([...facts.boot].sort());
    expect(machine.timeZone?.biasMinutes ?? null).toBe(facts.Bias);
    expect(machine.timeZone?.key ?? null).toBe(facts.TimeZoneKeyName);
    expect(machine.crashSettings?.dumpEnabled ?? null).toBe(facts.crash?.CrashDumpEnabled ?? null);
  });

  const counted = artifacts.filter(
    ({ expected }) => expected.rows !== undefined && !listed.some((one) => one.expected === expected),
  );
  test.each(counted)('$id has as many keys and values as hivex finds', async (artifact) => {
    const { rows } = await listing(await Hive.open(new MemorySource(artifactBytes(artifact))));
    expect(rows).toBe(artifact.expected.rows);
  });

  const versions = artifacts.filter(({ expected }) => expected.facts?.CurrentBuildNumber !== undefined);
  test.each(versions)(
    '$id tells the build that hivex shows, not a number out of a text beside it',
    async (artifact) => {
      const { machine } = await readMachine(
        memoryTree({ [`${CONFIG}/SOFTWARE`]: artifactBytes(artifact) }),
        '/Windows',
      );
      expect(machine.product?.build).toBe(Number(artifact.expected.facts.CurrentBuildNumber));
    },
  );

  test('are each held against an answer', () => {
    const named = ['winpe-system-one-bad-hbin-offset', 'ezreg-san-bad-checksum'];
    const held = [...listed, ...dirty, ...systems, ...counted].map(({ id }) => id);
    expect(artifacts.map(({ id }) => id).filter((id) => !held.includes(id) && !named.includes(id))).toEqual([]);
    expect(versions).not.toEqual([]);
  });

  test('one wrong offset of a hive bin is not called clean', async () => {
    const artifact = artifacts.find(({ id }) => id === 'winpe-system-one-bad-hbin-offset') as Artifact;
    const { machine } = await readMachine(memoryTree({ [`${CONFIG}/SYSTEM`]: artifactBytes(artifact) }), '/Windows');
    expect(machine.hives.system.verdict).toBe('damaged');
    expect(machine.hives.system.findings).toContainEqual({
      id: 'hive-bins-damaged',
      data: { damaged: 1, first: artifact.expected.hbin_at },
    });
  });

  test('a wrong checksum is its own finding where the sequence numbers agree', async () => {
    const artifact = artifacts.find(({ id }) => id === 'ezreg-san-bad-checksum') as Artifact;
    const { machine } = await readMachine(memoryTree({ [`${CONFIG}/SYSTEM`]: artifactBytes(artifact) }), '/Windows');
    const ids = machine.hives.system.findings.map(({ id }) => id);
    expect(ids).toContain('hive-checksum');
    expect(ids).not.toContain('hive-dirty');
    expect(machine.hives.system.verdict).toBe('damaged');
  });

  const whole = listed.filter(({ id }) => !/dirty|bad|damag/.test(id));
  test.each(whole)('$id has an unbroken chain of hive bins', async (artifact) => {
    const { machine } = await readMachine(memoryTree({ [`${CONFIG}/SYSTEM`]: artifactBytes(artifact) }), '/Windows');
    expect(machine.hives.system.findings.map(({ id }) => id)).not.toContain('hive-bins-damaged');
  });

  test.each(artifacts)('$id is not changed by reading it', async (artifact) => {
    const bytes = artifactBytes(artifact);
    const before = createHash('sha256').update(bytes).digest('hex');
    const logs = logsOf(artifact);
    try {
      const hive = await Hive.open(new MemorySource(bytes), { ...logs, issues: new IssueLog() });
      for await (const rows of hive.walk()) if (rows.length === 0) break;
      await openControlSet(hive);
    } catch (error) {
      expect(error).toHaveProperty('code');
    }
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(before);
  });
});
