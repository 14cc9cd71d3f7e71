// The pages by VitePress, and the API reference by TypeDoc: static, for the public entry points of every package.
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'vitepress';
import { publishedPackages, root } from '../workspace.mjs';

/** Entry points that are no modules, or that semver does not cover. */
const LEFT_OUT = /^\.\/(?:internals|package\.json|.*\*)$/;

/** `{ specifier, file }` of every entry point that others are meant to import. */
export function publicEntries() {
  return publishedPackages()
    .filter(({ manifest }) => manifest.private !== true)
    .flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports)
        .filter(([path]) => !LEFT_OUT.test(path))
        .map(([path, to]) => ({
          specifier: `${manifest.name}${path.slice(1)}`,
          file: join(folder, to['deadbox-source']),
        })),
    );
}

/** Modules are called what an import calls them. */
function nameModules(app, entries, { Converter, ReflectionKind }) {
  const names = new Map(entries.map(({ specifier, file }) => [file, specifier]));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module))
      module.name = names.get(module.sources?.[0]?.fullFileName) ?? module.name;
  });
}

/** Writes the reference to `out`. Returns the problems: links of comments that lead nowhere. */
export async function buildApi(out) {
  // A second is gone when it is loaded: only where the reference is made.
  const typedoc = await import('typedoc');
  const { Application, LogLevel } = typedoc;
  const entries = publicEntries();
  const app = await Application.bootstrapWithPlugins({
    name: 'deadbox',
    entryPoints: entries.map(({ file }) => relative(root, file)),
    tsconfig: join(root, 'scripts/site/tsconfig.json'),
    basePath: root,
    readme: 'none',
    excludeInternal: true,
    excludePrivate: true,
    githubPages: false,
    gitRemote: 'origin',
    gitRevision: 'main',
    sourceLinkTemplate: 'https://github.com/deadbox/deadbox/blob/main/{path}#L{line}',
    navigationLinks: { Documentation: '../' },
    searchInComments: false,
    skipErrorChecking: true,
    validation: { invalidLink: true, notExported: false, notDocumented: false, rewrittenLink: true },
    logLevel: LogLevel.Warn,
  });
  nameModules(app, entries, typedoc);
  const problems = [];
  const log = app.logger.log.bind(app.logger);
  app.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) problems.push(message);
    else log(message, level);
  };
  const project = await app.convert();
  if (project === undefined) return ['the sources do not compile for the reference'];
  app.validate(project);
  rmSync(out, { recursive: true, force: true });
  await app.generateDocs(project, out);
  return problems;
}

/** Writes the pages; `folder` holds the settings. Throws when a link leads nowhere. */
export const buildPages = (folder) => build(folder);
