/** For `rm` of a folder of temporary files: a browser that ends a little later writes there until then. */
export const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;
