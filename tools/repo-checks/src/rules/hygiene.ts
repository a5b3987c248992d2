import type { Violation } from "../repository.js";

/** Text that no committed file may hold. */
export interface ForbiddenText {
  readonly pattern: RegExp;
  readonly why: string;
  /** Files that may hold it, by path. */
  readonly except: readonly string[];
}

/** These name what they forbid. */
const own = ["tools/repo-checks/src/rules/hygiene.ts", "tools/repo-checks/src/hygiene.test.ts"];

const forbidden: readonly ForbiddenText[] = [
  {
    pattern: /\.\.\/shared/,
    why: "names the folder of test material, which is not part of the repository",
    except: [".ci/run", ...own],
  },
  {
    pattern: /(?<![\w.])\/(?:work\/|root\/|home\/\w|Users\/\w)/,
    why: "absolute path of one machine",
    except: own,
  },
  {
    pattern: /registry\.[a-z0-9-]+\.[a-z]+|npmmirror|verdaccio|npm\.jsr/i,
    why: "names a package registry; the user's own setting decides",
    except: own,
  },
  {
    pattern: /\bfacts\/[a-z0-9-]+\.md|\bseed-requirements\b|\bDESIGN\.md\b/,
    why: "refers to notes that readers do not have; cite the public source",
    except: own,
  },
];

/** Forbidden text in one file. */
export function textViolations(path: string, text: string): readonly Violation[] {
  return forbidden
    .filter(({ except }) => !except.includes(path))
    .flatMap(({ pattern, why }) => {
      const line = text.split("\n").findIndex((content) => pattern.test(content));
      return line < 0 ? [] : [{ where: `${path}:${line + 1}`, message: why }];
    });
}

/** Web addresses in the lock file: it must work with any registry. */
export function lockFileViolations(path: string, text: string): readonly Violation[] {
  return text.split("\n").flatMap((content, index) => {
    // A deprecation notice is prose that came with the package.
    if (/^\s+deprecated:/.test(content) || !/https?:|tarball:/.test(content)) return [];
    return [{ where: `${path}:${index + 1}`, message: `"${content.trim()}" names a host` }];
  });
}
