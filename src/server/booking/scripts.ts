// What browsers run. Plain scripts, served as they are: the form works without them.

/** Runs in the form: shows whether the chosen day is free, sends once, and posts its height to the embedding page. */
export const FORM_SCRIPT = `(() => {
  const form = document.querySelector('form');
  const day = document.getElementById('day');
  const date = document.getElementById('f-event_date');
  const problems = document.getElementById('problems');
  if (problems) problems.focus();
  if (parent !== window) {
    const tell = () => parent.postMessage({ marqueeHeight: document.documentElement.getElementsByTagName('main')[0].offsetHeight }, '*');
    new ResizeObserver(tell).observe(document.body);
    tell();
  }
  if (!form) return;
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    form.querySelector('button').setAttribute('aria-disabled', 'true');
  });
  // A page that the browser shows again (Back) can be sent again.
  addEventListener('pageshow', () => {
    delete form.dataset.sent;
    form.querySelector('button').removeAttribute('aria-disabled');
  });
  if (!date || !form.dataset.day) return;
  let asked = 0;
  const ask = async () => {
    const number = ++asked;
    let answer = {};
    if (/^\\d{4}-\\d{2}-\\d{2}$/.test(date.value)) {
      const url = new URL(location.pathname.replace(/\\/$/, '') + '/day', location.origin);
      url.search = new URLSearchParams({ day: date.value, form: form.elements.form.value, lang: document.documentElement.lang });
      answer = await fetch(url).then((given) => (given.ok ? given.json() : {}), () => ({}));
    }
    if (number !== asked) return;
    day.textContent = answer.text || '';
    day.dataset.state = answer.state || '';
  };
  let waiting;
  date.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  if (date.value) ask();
})();
`;

/** Runs on a company's own web site: puts the form into a frame in place of the script. */
export const EMBED_SCRIPT = `(() => {
  const script = document.currentScript;
  const page = new URL(script.src);
  page.pathname = page.pathname.replace(/\\/embed\\.js$/, '');
  const language = script.dataset.lang || document.documentElement.lang;
  page.search = new URLSearchParams(language ? { embed: '1', lang: language } : { embed: '1' });
  const frame = document.createElement('iframe');
  frame.src = page.href;
  frame.title = script.dataset.title || (/^de/i.test(language) ? 'Anfrageformular' : 'Inquiry form');
  frame.style.cssText = 'width:100%;border:0;min-height:640px;display:block';
  script.after(frame);
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== page.origin) return;
    const height = data && Number(data.marqueeHeight);
    if (height > 0) frame.style.height = Math.min(height, 6000) + 'px';
  });
})();
`;
