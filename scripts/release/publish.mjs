// What leaves this machine: the tag, and the packages.
import { run } from '../workspace.mjs';

function must(command, args) {
  const { status } = run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

/** npm signs where a package comes from only in jobs of these two. */
const SIGNING = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'SIGSTORE_ID_TOKEN'];

/** A registry of one's own, in place of npm's: nothing is signed for it. */
const ownRegistry = (env) => env.DEADBOX_REGISTRY ?? '';

/** Why packages cannot be published from here. */
export function publishProblems(env = process.env) {
  if (ownRegistry(env) !== '') return [];
  return SIGNING.some((name) => (env[name] ?? '') !== '')
    ? []
    : ['npm signs the provenance of packages only in GitHub Actions or GitLab CI: publish from a job there'];
}

/** An annotated tag of this commit; pushing it is left to the caller. */
export function tagRelease(version) {
  must('git', ['tag', '--annotate', `v${version}`, '--message', `deadbox ${version}`]);
}

/**
 * Publishes tarballs in their order, what others need first; to npm, or to the registry of DEADBOX_REGISTRY. A version
 * before 1.0.0 with a dash is not `latest`.
 */
export function publishPackages(tarballs, version, env = process.env) {
  const tag = version.includes('-') ? 'next' : 'latest';
  const registry = ownRegistry(env);
  const where = registry === '' ? ['--provenance'] : ['--no-provenance', '--registry', registry];
  for (const tarball of tarballs) must('npm', ['publish', tarball, '--access', 'public', '--tag', tag, ...where]);
}
