import { delimiter } from 'node:path';

/** The Python that runs PyTorch: the one that is named, else that of TOUCHSTONE_PYTHON, else python3. */
export function whichPython(named?: string): string {
  const usual = process.platform === 'win32' ? 'python' : 'python3';
  return named ?? (process.env['TOUCHSTONE_PYTHON'] || usual);
}

export const pythonHint =
  'Install tools/golden/requirements.txt into a Python environment and name its Python with --python PATH or ' +
  'TOUCHSTONE_PYTHON.';

/** PYTHONPATH for a Python that is to find modules in `folder`. */
export function pythonPath(folder: string): { readonly PYTHONPATH: string } {
  return { PYTHONPATH: [folder, process.env['PYTHONPATH']].filter(Boolean).join(delimiter) };
}
