import re, subprocess
from tests.funds import payouts
from tests.funds.conftest import on_day
from datetime import date
from pathlib import Path
def test_shot(cast, on_day):
    css=Path("/work/main/yuquan_relief/static/app.css").read_text()
    def shot(name, html):
        html=re.sub(r'<link rel="stylesheet"[^>]*>', f"<style>{css}</style>", html)
        html=re.sub(r'<script[^>]*></script>','',html)
        Path(f"/tmp/{name}.html").write_text(html)
        subprocess.run(["chromium","--headless","--no-sandbox","--disable-gpu",f"--screenshot=/tmp/{name}.png","--window-size=1366,1700",f"file:///tmp/{name}.html"],capture_output=True)
    on_day(payouts.LOCKED)
    payouts.opened(cast, 4)
    url="/pay/2026-12/159900001/URBAN_ALLOWANCE/"
    shot("board", cast.client("supervisor").get("/pay/2026-12/").content.decode())
    shot("batch", cast.client("staff").get(url).content.decode())
    from funds.operations import batches
    no=payouts.PayoutBatch.objects.get().no
    batches.lock(no, actor=cast.staff, on=payouts.LOCKED, proof=cast.proof("staff"))
    shot("approve", cast.client("leader").get(url).content.decode())
    batches.approve(no, actor=cast.leader, on=payouts.APPROVED, proof=cast.proof("leader","同意发放。"))
    batches.take_file(no, actor=cast.accountant, on=payouts.SENT, proof=cast.proof("accountant"))
    b=payouts.PayoutBatch.objects.get(); rows=payouts.answers(b); rows[0]["金额"]="1.00"; rows[1].update({"状态":"失败","失败原因":"销户"})
    on_day(payouts.PAID); payouts.imported(cast,b,rows)
    shot("sent", cast.client("accountant").get(url).content.decode())
    shot("voucher", cast.client("accountant").get(url+"voucher/").content.decode())
    shot("ledger", cast.client("supervisor").get("/funds/").content.decode())
