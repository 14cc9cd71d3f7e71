import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunnerTestCase, TestRunner } from 'vitest';

/** What the changed files share with us (Stryker's instrumenter). */
interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

const NAMESPACE = '__stryker__';
const shared = globalThis as { [NAMESPACE]?: Namespace; noticedChanges?: Record<string, boolean> };
const namespace = (shared[NAMESPACE] ??= {});
/** By change: whether a test noticed it. Changes that no test runs are not in it. */
const noticed = (shared.noticedChanges ??= {});
/** Times that code may be run with a change for each time without: more is a loop without end. */
const HITS = 100;
const CHANGED = 'changed';

/**
 * Runs each test as it is, then once for every change in the code that it reached, until one notices the change. Tests
 * get no process and no setup of their own: they make what they need themselves, and may leave nothing in their way.
 */
export default class MutationRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const body = TestRunner.getTestFn(test as never);
    namespace.currentTestId = test.id;
    try {
      await body();
    } finally {
      namespace.currentTestId = undefined;
    }
    // A test that works once only, since what it left behind is in its way, would seem to notice every change.
    await body();
    const reached = Object.entries(namespace.mutantCoverage?.perTest[test.id] ?? {});
    const all = reached.reduce((sum, [, hits]) => sum + hits, 0);
    for (const [change, hits] of reached)
      if (!noticed[change]) noticed[change] = await fails(body, change, hits * HITS, all * HITS);
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles();
    // Code that runs once, when its module is loaded, would need a process for each change.
    const loading = Object.keys(namespace.mutantCoverage?.static ?? {}).filter(
      (change) => noticed[change] === undefined,
    );
    writeFileSync(join(process.cwd(), '.cache/mutation/noticed.json'), JSON.stringify({ noticed, loading }));
  }
}

async function fails(body: () => unknown, change: string, hitLimit: number, steps: number): Promise<boolean> {
  let left = steps;
  const coverage = namespace.mutantCoverage?.perTest ?? {};
  // The unchanged places count here, too: a change may make another place loop.
  coverage[CHANGED] = new Proxy<Record<string, number>>(
    {},
    {
      set: () => {
        left -= 1;
        if (left < 0) throw new Error('a loop without end');
        return true;
      },
    },
  );
  Object.assign(namespace, { activeMutant: change, hitCount: 0, hitLimit, currentTestId: CHANGED });
  try {
    await body();
    return false;
  } catch {
    return true;
  } finally {
    Object.assign(namespace, { activeMutant: undefined, hitCount: undefined, currentTestId: undefined });
  }
}
