// What is wrong with how a page is laid out, found by measuring: text that is cut, controls that lie on one
// another, a page that scrolls sideways. Runs in the page; gives readable lines.
export function layoutFaults() {
  const INTERACTIVE = 'button, a[href], input:not([type="hidden"]), select, textarea, summary, [role="option"], [role="slider"]';
  const SURFACE = '.panel, .drawer, .sheet, dialog, .tour, .time, .rail, .find, .notices, .chips, .map-area';
  const faults = new Set();
  const nameOf = (element) => {
    const label = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40);
    return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}${typeof element.className === 'string' && element.className ? `.${element.className.trim().split(/\s+/).join('.')}` : ''} “${label}”`;
  };
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || box.bottom < 1 || box.right < 1 || box.top > innerHeight - 1 || box.left > innerWidth - 1) return false;
    if (element.closest('.sr-only, [hidden], .skip, .maplibregl-ctrl, .dayfield-picker, .photo-file')) return false;
    return element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  };
  const isScrolledAway = (element, x, y) => {
    for (let clip = element.parentElement; clip && clip !== document.body; clip = clip.parentElement) {
      if (getComputedStyle(clip).overflowY === 'visible') continue;
      const box = clip.getBoundingClientRect();
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return true;
    }
    return false;
  };
  const isSticky = (element) => {
    for (let up = element; up && up !== document.body; up = up.parentElement) if (getComputedStyle(up).position === 'sticky') return true;
    return false;
  };
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) faults.add(`the page is ${page.scrollWidth} px wide in a window of ${innerWidth}`);

  const isEllipsis = (element) => getComputedStyle(element).textOverflow === 'ellipsis' && (element.closest('[title]') !== null || element.closest('td, th') !== null);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element || element.closest('script, style, option, svg, canvas') || !isSeen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    for (let clip = element; clip && clip !== document.body; clip = clip.parentElement) {
      const style = getComputedStyle(clip);
      if (style.overflowX === 'auto' || style.overflowX === 'scroll') break;
      if (style.overflowX !== 'hidden' && style.overflowX !== 'clip') continue;
      const box = clip.getBoundingClientRect();
      if ((text.right > box.right + 1 || text.left < box.left - 1) && !isEllipsis(clip) && !isEllipsis(element)) faults.add(`cut: “${node.data.trim().slice(0, 50)}” in ${nameOf(clip)}`);
      break;
    }
  }
  for (const input of document.querySelectorAll('input[type="text"]')) {
    if (isSeen(input) && input.value && input.scrollWidth > input.clientWidth + 1 && input.closest('.dayfield')) faults.add(`cut: the value “${input.value}” of ${nameOf(input)}`);
  }
  for (const select of document.querySelectorAll('select')) {
    const chosen = select.selectedOptions[0]?.textContent ?? '';
    if (!isSeen(select) || !chosen) continue;
    const style = getComputedStyle(select);
    const context = document.createElement('canvas').getContext('2d');
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const room = select.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight) - 16;
    if (context.measureText(chosen).width > room + 2 && !select.title) faults.add(`cut: the choice “${chosen}” of ${nameOf(select)}`);
  }

  const controls = [...document.querySelectorAll(INTERACTIVE)].filter(isSeen);
  for (const control of controls) {
    const box = control.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight || isScrolledAway(control, x, y)) continue;
    const hit = document.elementFromPoint(x, y);
    const other = hit?.closest(INTERACTIVE);
    if (!other || other === control || control.contains(other) || other.contains(control)) continue;
    // What is scrolled under the fixed foot of its own sheet, or lies behind a modal dialog, is not in the way.
    if (isSticky(other) || other.closest('dialog[open]')) continue;
    if ([...(control.labels ?? [])].some((label) => label.contains(hit))) continue;
    const over = other.closest(SURFACE);
    const cover = over?.getBoundingClientRect();
    // A sheet laid wholly over a control hides it; over half of it, it is a mess.
    const isHidden = over && over !== control.closest(SURFACE) && cover.left <= box.left + 1 && cover.right >= box.right - 1 && cover.top <= box.top + 1 && cover.bottom >= box.bottom - 1;
    if (!isHidden) faults.add(`overlap: ${nameOf(other)} over ${nameOf(control)}`);
  }
  return [...faults];
}
