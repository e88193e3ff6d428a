"""What a script checks, counted: the last line is "N passed, M failed"."""
import sys

_passed = _failed = 0


def check(what, true, detail=""):
    """one more passed or failed; gives @true"""
    global _passed, _failed
    if true:
        _passed += 1
    else:
        _failed += 1
        print(f"FAILED {what}: {str(detail)[:1500]}")
        sys.stdout.flush()
    return true


def checks_end():
    """prints the sum, and gives the script's exit status"""
    print(f"{_passed} passed, {_failed} failed")
    return 1 if _failed else 0
