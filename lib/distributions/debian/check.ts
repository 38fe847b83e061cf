import { meantUrl, schemeOf } from '../mirrors';
import type { Distribution } from '../provider';

/** `mirror` holds addresses of any method that apt has, or lines of sources.list(5); a slip of http is neither. */
export const check: Distribution['check'] = ({ mirror: mirrors }, wrong) => {
  if (mirrors === 'auto') return;
  for (const [at, mirror] of mirrors.entries()) {
    const { scheme, near } = schemeOf(mirror);
    if (near === undefined || near === scheme || /^(ftp|copy)$/.test(scheme ?? '')) continue;
    const found = JSON.stringify(mirror);
    wrong(['mirror', String(at)], `expected a URL, found ${found}${meantUrl(mirror, near)}`);
  }
};
