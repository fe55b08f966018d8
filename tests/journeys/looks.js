// What a person would stumble over on a page, found without one: sentences, one for each fault. looks.py runs it.
() => {
  // Words after a lone 1 that end in s and yet are right: verbs, and what is one thing.
  const SINGULAR = new RegExp(`^(?:address|across|as|basis|bus|business|class|does|exists|falls|gives|goes|has|is|its|
    less|miss|means|minus|needs|plus|says|series|stands|status|this|times|waits|was)$`.replace(/\s+/g, ''));
  // What is numbered, not counted: "Year 1 pupils".
  const NUMBERED = new RegExp(`(?:year|tier|stage|step|key|page|half-term|term|class|type|letter|notice|room|section|
    group|row|rule|part|version|level|week)s?$`.replace(/\s+/g, ''), 'i');
  const THINGS = 'pupil|child|session|day|letter|family|register|case|school|class|mark|message|report|notice|task';

  const found = new Set();
  const fault = (kind, words) => found.add(`${kind}: ${words}`);
  const seen = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const box = (e) => e.getBoundingClientRect();
  const within = (e, is) => { for (; e; e = e.parentElement) if (is(e)) return true; return false; };
  const unseen = (e) => within(e, (each) => each.matches('.govuk-visually-hidden, .govuk-skip-link') ||
    (each.matches('thead, caption, legend') && box(each).width < 3));
  const tidy = (text) => text.replace(/\s+/g, ' ').trim();
  const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} "${tidy(e.textContent || e.value || '').slice(0, 60)}"`;
  const textOf = (e) => [...e.childNodes].map((each) => {
    if (each.nodeType === 3) return each.textContent;
    if (each.nodeType !== 1 || each.matches('script, style, option') || !seen(each) || unseen(each)) return '';
    return getComputedStyle(each).display.startsWith('inline') ? textOf(each) : ` ${textOf(each)} `;
  }).join('');
  const page = document.querySelector('main') || document.body;

  // A page says what it is.
  const heads = [...document.querySelectorAll('h1')].filter(seen);
  if (heads.length !== 1 || !tidy(heads[0].innerText)) fault('h1', heads.length);
  if (!document.title.trim() || /^[\s\u2013-]/.test(document.title)) fault('title', document.title);

  // Nothing is wider than the page.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    const wide = [...document.body.querySelectorAll('*')]
      .filter((e) => box(e).right > width + 1 && !e.closest('.app-scroll, .app-subnav'));
    fault('too wide', wide.slice(0, 3).map(name).join(', '));
  }

  // What is pressed is 24 px, but for what stands in a sentence.
  const inSentence = (e) => getComputedStyle(e).display === 'inline' &&
    tidy(e.parentElement.innerText).length > tidy(e.innerText).length + 3;
  const PRESSED = 'button, input:not([type=hidden]), select, textarea, summary, a[role=button], .govuk-button';
  for (const e of page.querySelectorAll(PRESSED)) {
    const {width: wide, height: high} = box(e);
    if (seen(e) && !unseen(e) && Math.min(wide, high) < 23.5 && !inSentence(e))
      fault('small', `${Math.round(wide)} x ${Math.round(high)} ${name(e)}`);
  }

  // No word stands on another, and none is cut off.
  const words = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const SILENT = 'script, style, option, noscript, textarea, svg title, svg desc';
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (!node.textContent.trim() || e.closest(SILENT) || !seen(e) || unseen(e)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const at of range.getClientRects())
      if (at.width > 2 && at.height > 2) words.push({e, at, text: tidy(node.textContent).slice(0, 40)});
  }
  words.sort((a, b) => a.at.top - b.at.top);
  const floats = (e) => within(e, (each) => ['fixed', 'sticky'].includes(getComputedStyle(each).position));
  const region = (e) => e.closest('.app-scroll, .app-subnav');
  words.forEach((a, i) => {
    for (let j = i + 1; j < words.length && words[j].at.top < a.at.bottom - 4; j++) {
      const b = words[j];
      if (a.e === b.e || region(a.e) !== region(b.e)) continue;
      const across = Math.min(a.at.right, b.at.right) - Math.max(a.at.left, b.at.left);
      const down = Math.min(a.at.bottom, b.at.bottom) - Math.max(a.at.top, b.at.top);
      if (across > 3 && down > 0.35 * Math.min(a.at.height, b.at.height) && !floats(a.e) && !floats(b.e))
        fault('overlap', `"${a.text}" / "${b.text}"`);
    }
  });
  for (const e of page.querySelectorAll('*')) {
    if (getComputedStyle(e).overflowX === 'hidden' && e.clientWidth > 4 && e.scrollWidth > e.clientWidth + 2 &&
        e.textContent.trim() && !e.closest('svg') && seen(e) && !unseen(e)) fault('cut off', name(e));
  }

  // No word of the program, no number that disagrees with its noun, no sentence with a hole in it.
  const CODE = new RegExp(['^None$', '[\\w,:(-] None\\b', '^(?:True|False)$', '\\b(?:NaN|undefined)\\b', '\\{[{%].*?[}%]\\}',
    '<[A-Z]\\w+: .*?>', 'datetime\\.\\w+', '\\b\\w+\\.md\\b'].join('|'), 'g');
  const MANY = /(^|[^\d.,/:£-]|[^\d][.,] )\b1 ([a-z]+s)\b/g;
  const PLURAL = new RegExp(`(^|[^\\d.,-])\\b1 (?:\\w+ )?(?:${THINGS}) (?:are|have|were|do|need|wait)\\b`, 'g');
  const HOLE = /(?:^| )[.,;](?: |$)|\(\s*\)|\b(?:at|on|by|from|to|for|of|with) [.,;]|:\s*[.,;]/;
  const SOURCE = 'textarea, pre, code, .lt-source';  // the words of a program or a template, shown as such
  const block = (e) => getComputedStyle(e).display.startsWith('inline') && e.parentElement ? block(e.parentElement) : e;
  const spoken = words.filter(({e}) => page.contains(e) && !e.closest('svg') && !e.closest(SOURCE)).map(({e}) => block(e));
  for (const e of new Set(spoken)) {
    const text = tidy(textOf(e)), start = text.slice(0, 90);
    for (const [word] of text.matchAll(CODE)) fault('word of the program', `"${word}" in "${start}"`);
    for (const {0: all, 1: before, 2: noun, index} of text.matchAll(MANY))
      if (!NUMBERED.test((text.slice(0, index) + before).trim()) && !SINGULAR.test(noun)) fault('number', `"${tidy(all)}" in "${start}"`);
    for (const {0: all, index} of text.matchAll(PLURAL))
      if (!NUMBERED.test(text.slice(0, index + 1).trim())) fault('number', `"${tidy(all)}" in "${start}"`);
    if (HOLE.test(text)) fault('hole', `"${start}"`);
  }

  // A drawing draws something, a table without rows says so, and a heading heads something.
  for (const table of page.querySelectorAll('table')) {
    const cells = [...table.querySelectorAll('tbody td, tbody th, tfoot td')];
    if (seen(table) && !cells.some((e) => e.textContent.trim() || e.querySelector('svg, input, select, img')))
      fault('empty table', table.id || name(table));
  }
  for (const e of page.querySelectorAll('svg[role=img]')) if (seen(e) && !e.querySelector('text')) fault('empty drawing', e.getAttribute('aria-labelledby'));
  const headings = [...page.querySelectorAll('h2, h3, h4')].filter(seen);
  headings.forEach((head, i) => {
    const next = headings[i + 1];
    if (unseen(head) || (next && next.tagName > head.tagName)) return;
    const range = document.createRange();
    range.setStartAfter(head);
    if (next) range.setEndBefore(next); else range.setEndAfter(page.lastChild);
    const between = range.cloneContents();
    if (!between.textContent.trim() && !between.querySelector('svg, img, input')) fault('heading of nothing', name(head));
  });
  return [...found];
}
