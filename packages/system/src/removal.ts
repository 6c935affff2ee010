/** Options of `rm` for a folder of temporary files, in which a browser may still write until it ends. */
export const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;
