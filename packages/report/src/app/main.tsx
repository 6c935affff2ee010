/*! With Preact, (c) 2015-present Jason Miller, MIT licence: https://github.com/preactjs/preact/blob/main/LICENSE */
/** The program in the page. Bundled by the build into dist/app/bundle.js. */
import { render } from 'preact';
import type { PageData } from '../page/page-data.js';
import { App } from './app.js';

const data = JSON.parse(document.getElementById('data')!.textContent!) as PageData;
render(<App data={data} />, document.getElementById('app')!);
