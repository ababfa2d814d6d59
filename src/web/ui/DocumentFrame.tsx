import classes from './DocumentFrame.module.css';

/** Shows untrusted HTML on a white page, in a sandboxed frame that runs no scripts. */
export function DocumentFrame({ title, html }: { title: string; html: string }) {
  const style =
    'body{font:15px/1.55 system-ui,sans-serif;color:#222;background:#fff;margin:12px 14px}' +
    'h1{font-size:20px}h2{font-size:17px}h3{font-size:15px}h1,h2,h3{line-height:1.3}';
  return (
    <iframe sandbox="" className={classes.frame} title={title} srcDoc={`<style>${style}</style>${html}`} />
  );
}
