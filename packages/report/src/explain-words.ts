import type { FileReport, InstallationReport } from '@deadbox/triage';
import { escapeText } from './escape.js';

/** Registry values shown; --json has all. */
const MAX_SOURCES = 40;

function place(evidence: FileReport['evidence'][number]): string {
  const inFile =
    evidence.file === undefined ? '' : `; byte ${evidence.file.offset} of ${escapeText(evidence.file.path)}`;
  return `${escapeText(evidence.what)}: ${evidence.length} bytes at ${evidence.offset} of the disk${inFile}`;
}

/** How a file was found: every structure on the way, a line each; without them, where its record lies. */
export function wayLines(file: FileReport): string[] {
  return (file.steps ?? file.evidence).map(place);
}

/** Where the facts of the host stand in the registry, a line each. */
export function registryLines(installation: InstallationReport): string[] {
  const sources = installation.registrySources ?? [];
  const lines = sources.slice(0, MAX_SOURCES).map(({ hive, key, value, fileOffset, offset }) => {
    const name = value === '' ? '(default)' : value;
    const onDisk = offset === null ? '' : `, byte ${offset} of the disk`;
    return `${escapeText(`${key}\\${name}`)}: cell at byte ${fileOffset} of ${escapeText(hive)}${onDisk}`;
  });
  if (sources.length > MAX_SOURCES) lines.push(`and ${sources.length - MAX_SOURCES} more (--json shows all)`);
  return lines;
}

interface ShownEntry {
  readonly id?: unknown;
  readonly role?: unknown;
  readonly devices?: { element?: unknown; status?: unknown; fileOffset?: unknown }[];
}

/** Where the boot store names its devices, a line each. */
export function bootLines({ boot }: InstallationReport): string[] {
  if (boot.store === null || !Array.isArray(boot.entries)) return [];
  const path = escapeText(boot.store.path);
  return (boot.entries as ShownEntry[]).flatMap(({ id, role, devices }) =>
    (Array.isArray(devices) ? devices : []).map(
      ({ element, status, fileOffset }) =>
        `${escapeText(`${String(role)} ${String(id)}, element ${String(element)}`)}: ${String(status)}, data at byte ${String(fileOffset)} of ${path}`,
    ),
  );
}
