import classes from './DocumentFrame.module.css';

/** HTML that somebody wrote, on paper's white, in a frame that may run nothing. */
export function DocumentFrame({ title, html }: { title: string; html: string }) {
  const style = 'body{font:15px/1.55 system-ui,sans-serif;color:#222;background:#fff;margin:12px 14px}';
  return (
    <iframe sandbox="" className={classes.frame} title={title} srcDoc={`<style>${style}</style>${html}`} />
  );
}
