import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** The unified difference of a file's text; empty where there is none. `undefined` is a file that is not there. */
export function fileDiff(file: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const side = (prefix: string, text: string | undefined): string =>
    text === undefined ? '/dev/null' : `${prefix}/${file}`;
  return createTwoFilesPatch(side('a', before), side('b', after), before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
