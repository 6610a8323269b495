import { BASE, launch, settled } from '../e2e/support.mjs';
const LAYER='incidents';
const browser = await launch();
const context = await browser.newContext({ viewport:{width:1366,height:768}, reducedMotion:'reduce'});
const page = await context.newPage();
await page.addInitScript(()=>localStorage.setItem('diaban.tour','seen'));
await page.goto(`${BASE}/?at=103.9,21.33,9`);
await page.waitForSelector(`[data-layer="${LAYER}"] .layer-count[data-count]`, { timeout: 60000 });
await page.click(`[data-layer="${LAYER}"] .layer-name`);
const first = page.locator(`[data-layer="${LAYER}"] .fold`).first();
if (await page.locator(`[data-layer="${LAYER}"] [data-code]`).count() === 0) await first.click();
await page.waitForSelector(`[data-layer="${LAYER}"] [data-code] .code-count:not(:empty)`);
const cdp = await context.newCDPSession(page);
await cdp.send('Profiler.enable'); await cdp.send('Profiler.setSamplingInterval',{interval:200});
for (const code of ['theft','theft','burglary','burglary','vehicle','vehicle']) {
  await settled(page); await page.waitForLoadState('networkidle'); await page.waitForTimeout(500);
  await page.evaluate(()=>performance.clearResourceTimings());
  await cdp.send('Profiler.start');
  const r = await page.evaluate(([id, wanted]) => new Promise((resolve) => {
    const el = document.querySelector(`[data-layer="${id}"] .layer-count`);
    const before = el.getAttribute('data-count'); const begin = performance.now(); const out={}; const frames=[];
    const mo = new MutationObserver(()=>{ const c=document.querySelector(`[data-layer="${id}"] .layer-count`)?.getAttribute('data-count'); if(c&&c!==before&&!out.dom){out.dom=performance.now()-begin;}});
    mo.observe(document.body,{subtree:true,attributes:true,childList:true});
    const look=()=>{ frames.push(Math.round(performance.now()-begin)); if(out.dom){ requestAnimationFrame(()=>{out.shown=performance.now()-begin; out.frames=frames; setTimeout(()=>{out.res=performance.getEntriesByType('resource').map(e=>[e.name.replace(/^.*\/(api|tiles)\//,'').slice(0,60),Math.round(e.startTime-begin),Math.round(e.requestStart-begin),Math.round(e.responseStart-begin),Math.round(e.responseEnd-begin)]); resolve(out)},300)}); mo.disconnect();} else requestAnimationFrame(look)};
    document.querySelector(`[data-layer="${id}"] [data-code="${wanted}"]`).click();
    out.click=performance.now()-begin;
    requestAnimationFrame(look);
  }), [LAYER, code]);
  const { profile } = await cdp.send('Profiler.stop');
  console.log(code, JSON.stringify({...r,res:undefined}));
  for (const x of r.res.slice(0,14)) console.log('   ', x.join(' '));
  const self=new Map(); const byId=new Map(profile.nodes.map(n=>[n.id,n]));
  profile.samples.forEach((id,i)=>{const n=byId.get(id); const k=n.callFrame.functionName+' '+n.callFrame.url.split('/').pop()+':'+n.callFrame.lineNumber+':'+n.callFrame.columnNumber; self.set(k,(self.get(k)??0)+profile.timeDeltas[i]);});
  console.log('   ', [...self].sort((a,b)=>b[1]-a[1]).slice(0,10).map(([k,v])=>k+' '+(v/1000).toFixed(1)).join(' | '));
}
await browser.close();
