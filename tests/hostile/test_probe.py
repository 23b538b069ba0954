import time
def test_probe(world):
    from tests.hostile.portals import portal_cases
    t=time.time()
    for case in portal_cases(world):
        print(f"{time.time()-t:.2f} {case.exchanges} {case}")
        t=time.time()
