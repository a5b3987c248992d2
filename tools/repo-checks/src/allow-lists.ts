/** Files of more than 400 lines, each with the reason why it is not split. */
export const longFiles: Readonly<Record<string, string>> = {};

/**
 * Relative imports that may leave their package, as `importing file -> imported file`, each with its
 * reason. Applications are closed programs: what a tool shares with one, it takes from its sources.
 */
export const crossings: Readonly<Record<string, string>> = {};
