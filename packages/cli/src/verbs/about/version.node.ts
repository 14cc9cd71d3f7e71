import { allFormats } from '@deadbox/image';
import { type VersionReport, versionPage } from '@deadbox/report/internals';
import { SHIPPED_RULES } from '@deadbox/triage';
import { CAUSE_KINDS } from '@deadbox/triage/causes';
import { EXIT } from '../../exit-code.js';
import type { Session } from '../../input/session.node.js';
import type { CommonOptions } from '../../options.js';
import { loadHelpWords } from '../../output/language.node.js';
import { withOutput } from '../../output/output.node.js';
import { writerFor } from '../../output/show.node.js';
import { VERSION } from '../../version.js';

const FILE_SYSTEMS = ['ntfs', 'fat12', 'fat16', 'fat32'] as const;

/** Says what this program is and what it knows. */
export async function versionVerb(options: CommonOptions, session: Session): Promise<number> {
  const report: VersionReport = {
    schema: 'deadbox.version/1',
    version: VERSION,
    runtime: `${runtimeName()} ${process.version}`,
    platform: `${process.platform} ${process.arch}`,
    formats: allFormats.map(({ id }) => id),
    fileSystems: FILE_SYSTEMS,
    rules: SHIPPED_RULES.map(({ name }) => name),
    causes: Object.keys(CAUSE_KINDS),
  };
  const words = await loadHelpWords(session.language.code);
  await withOutput(session.output(options), (output) => {
    if (options.json === true || options.ndjson === true) output.writeJson(report, options.ndjson === true);
    else output.write(writerFor(options, output)(versionPage(report, words)));
  });
  return EXIT.ok;
}

function runtimeName(): string {
  if (process.versions.bun !== undefined) return 'Bun';
  return process.versions.deno === undefined ? 'Node' : 'Deno';
}
