"""Throw-away check of library parts while they are written."""
import re, sys, tomllib, collections
SLOTS=set("amount small_amount balance bank wallet merchant shop carrier airline telecom utility gov clinic school brand app person city street product plate sensor train flight card account code pin date time day month ref tracking order percent link_own link_bad phone_own hotline phone_bad payid chat days hours minutes count".split())
SERVICE="card_purchase debit credit transfer_in transfer_out withdrawal declined low_balance statement one_time_code login_alert fraud_alert payment_reminder delivery_out delivery_held delivered pickup_code travel_change appointment order_receipt account_notice public_notice outage sensor_alert support_reply".split()
PROMO="sale coupon loyalty new_product bank_offer telecom_bundle event charity political".split()
FRAUD="parcel_fee bank_suspension fake_fraud_alert tax_refund toll_or_fine prize job loan investment family_emergency code_theft fake_support account_closing subsidy wallet_topup marketplace_link".split()
KINDS={**dict.fromkeys(SERVICE,"service"),**dict.fromkeys(PROMO,"promotional"),**dict.fromkeys(FRAUD,"fraud")}
def grams(t):
    t=re.sub(r"\{\w+\}","\x01",re.sub(r"\d","0",t.lower())); t=re.sub(r"\s+"," ",t); return {t[i:i+4] for i in range(max(1,len(t)-3))}
bad=0
for path in sys.argv[1:]:
    try: d=tomllib.load(open(path,"rb"))
    except Exception as e: print(path,"TOML ERROR",e); bad=1; continue
    n=collections.Counter(); seen=[]
    def form(text,where):
        global bad
        for s in re.findall(r"\{([^}]*)\}",text):
            if s not in SLOTS: print(path,where,"unknown slot",s,":",text[:60]); bad=1
        g=grams(text)
        for h,o in seen:
            if len(g&h)/len(g|h)>=.7: print(path,where,"NEAR-DUPLICATE:",text[:70],"~",o[:70])
        seen.append((g,text))
    for k in d.get("kind",[]):
        if KINDS.get(k.get("name"))!=k.get("class"): print(path,"kind/class?",k.get("name"),k.get("class")); bad=1
        for f in k["forms"]: form(f,k["name"]); n[k["name"]]+=1
    for p in d.get("pair",[]):
        for side in ("service","fraud"):
            for s in re.findall(r"\{([^}]*)\}",p[side]):
                if s not in SLOTS: print(path,"pair unknown slot",s); bad=1
        n["pair"]+=1
    miss=SLOTS-set(d["slots"]) if "slots" in d else ()
    print(path,"total",sum(n.values()),dict(n), "slots missing:" if miss else "", *miss)
sys.exit(bad)
