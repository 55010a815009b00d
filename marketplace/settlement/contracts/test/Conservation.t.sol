// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch} from "../src/Batch.sol";
import {DevToken} from "../src/DevToken.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {Settlement} from "../src/Settlement.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {Scene} from "./Scene.sol";

/// @notice Plays the network: every call does something that must succeed, with amounts around what
/// is there, so that clamps and shortfalls are met often. It keeps its own books beside.
contract Players is Scene {
    uint256 private constant JOBS = 4;
    uint256 private constant PEOPLE = 4;

    bytes32[JOBS] public jobs;
    address[PEOPLE] public people;
    bytes[] private settled;
    uint64 private clock = START;

    uint256 public deposited;
    uint256 public reclaimed;
    uint256 public withdrawn;
    uint256 public staked_;
    uint256 public unstaked;
    uint256 public donatedToEscrow;
    uint256 public donatedToVault;
    uint256 public donatedToSettlement;
    mapping(bytes32 => uint128) private creditedBefore;
    mapping(bytes32 => uint128) public mostWhenClosed;

    constructor() {
        open();
        people = [builder, worker, other, fees];
        for (uint64 i = 0; i < JOBS; i++) {
            jobs[i] = escrow.jobId(builder, i, SPEC, refundAt(i));
        }
    }

    function contracts() external view returns (address, address, address, address) {
        return (address(token), address(settlement), address(escrow), address(vault));
    }

    modifier playing() {
        vm.warp(clock);
        _;
        for (uint256 i = 0; i < JOBS; i++) {
            uint128 now_ = escrow.credited(jobs[i]);
            vm.assertLe(creditedBefore[jobs[i]], now_, "credit never falls");
            creditedBefore[jobs[i]] = now_;
            if (escrow.closed(jobs[i]) && mostWhenClosed[jobs[i]] == 0) {
                mostWhenClosed[jobs[i]] = now_ + escrow.left(jobs[i]);
            }
        }
    }

    function deposits(uint64 which, uint64 amount) external playing {
        which = which % uint64(JOBS);
        amount = uint64(MIN_DEPOSIT + (amount % (10 * ONE)));
        if (clock >= refundAt(which) || escrow.closed(jobs[which])) return;
        give(builder, address(escrow), amount);
        vm.prank(builder);
        escrow.deposit(builder, which, SPEC, refundAt(which), amount);
        deposited += amount;
    }

    /// Two pay lines, of which one may go to an unknown job.
    function pays(uint8 first, uint8 second, uint8 payee, uint64 one, uint64 two) external playing {
        Batch memory batch = batchOf(uint64(settled.length));
        batch = pay(batch, jobs[first % JOBS], someone(payee), one % (8 * ONE));
        batch = pay(batch, jobOrUnknown(second), someone(payee / 4), two % (8 * ONE));
        bring(batch);
    }

    function closes(uint8 which, uint64 finalTotal, uint64 total) external playing {
        if (which % 4 != 0) return; // a closed job is a dull one
        bytes32 id = jobs[(which / 4) % JOBS];
        Batch memory batch = pay(batchOf(uint64(settled.length)), id, worker, total % ONE);
        bring(close(batch, id, finalTotal % (12 * ONE)));
    }

    function slashes(uint8 owner, uint8 beneficiary, uint64 total, uint64 share) external playing {
        Batch memory batch =
            slash(batchOf(uint64(settled.length)), someone(owner), total % (5 * ONE));
        bring(compensate(batch, someone(owner), someone(beneficiary), share % (5 * ONE)));
    }

    function replays(uint256 which) external playing {
        if (settled.length == 0) return;
        settle(abi.decode(settled[which % settled.length], (Batch)));
    }

    function waits(uint16 time) external playing {
        clock += 1 + (time % 12 hours);
    }

    function reclaims(uint8 which) external playing {
        uint64 n = which % uint64(JOBS);
        uint128 left = escrow.left(jobs[n]);
        if (clock < refundAt(n) || left == 0) return;
        vm.prank(builder);
        escrow.reclaim(jobs[n]);
        reclaimed += left;
    }

    function withdraws(uint8 who) external playing {
        address payee = someone(who);
        uint256 amount = settlement.withdrawable(payee);
        if (amount == 0) return;
        vm.prank(payee);
        settlement.withdraw(payee);
        withdrawn += amount;
    }

    function stakes(uint8 who, uint64 amount) external playing {
        amount = uint64(1 + (amount % (3 * ONE)));
        staked(someone(who), amount);
        staked_ += amount;
    }

    function unstakes(uint8 who, uint64 amount) external playing {
        address owner = someone(who);
        uint128 bonded = vault.bonded(owner);
        if (bonded == 0) return;
        vm.prank(owner);
        vault.requestUnstake(1 + (amount % bonded));
    }

    function takesUnstaked(uint8 who) external playing {
        address owner = someone(who);
        uint128 amount = vault.unbonding(owner);
        if (amount == 0) return;
        if (clock < vault.availableAt(owner)) vm.warp(clock = vault.availableAt(owner));
        vm.prank(owner);
        vault.withdrawUnstaked();
        unstaked += amount;
    }

    function donates(uint8 where, uint32 amount) external playing {
        if (where % 3 == 0) {
            token.mint(address(escrow), amount);
            donatedToEscrow += amount;
        } else if (where % 3 == 1) {
            token.mint(address(vault), amount);
            donatedToVault += amount;
        } else {
            token.mint(address(settlement), amount);
            donatedToSettlement += amount;
        }
    }

    function bring(Batch memory batch) private {
        settle(batch);
        settled.push(abi.encode(batch));
    }

    function someone(uint8 who) private view returns (address) {
        return people[who % PEOPLE];
    }

    function jobOrUnknown(uint8 which) private view returns (bytes32) {
        uint256 n = which % (JOBS + 1);
        return n == JOBS ? SPEC : jobs[n];
    }

    function refundAt(uint64 which) private pure returns (uint64) {
        return START + (1 + which) * 5 days;
    }
}

/// @notice However the network is played: every token is owed to somebody, burned or a gift, and no
/// job costs more than was paid in for it.
contract ConservationTest is Scene {
    Players private players;
    bytes32[4] private jobs;
    address[4] private people;

    function setUp() public {
        players = new Players();
        (address token_, address settlement_, address escrow_, address vault_) = players.contracts();
        token = DevToken(token_);
        settlement = Settlement(settlement_);
        escrow = JobEscrow(escrow_);
        vault = StakeVault(vault_);
        for (uint256 i = 0; i < 4; i++) {
            jobs[i] = players.jobs(i);
            people[i] = players.people(i);
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(players);
    }

    function invariant_everyTokenIsOwedBurnedOrAGift() public view {
        theEscrowHoldsWhatIsLeftInItsJobs();
        depositsAreCreditedRefundedOrLeft();
        theVaultHoldsStakeAndWhatIsBurned();
        settlementHoldsWhatItOwes();
        whatWasCreditedIsWithdrawnOrWithdrawable();
    }

    function theEscrowHoldsWhatIsLeftInItsJobs() private view {
        uint256 left = players.donatedToEscrow();
        for (uint256 i = 0; i < 4; i++) {
            left += escrow.left(jobs[i]);
        }
        vm.assertEq(token.balanceOf(address(escrow)), left, "escrow");
    }

    function depositsAreCreditedRefundedOrLeft() private view {
        uint256 deposits = 0;
        uint256 spent = 0;
        for (uint256 i = 0; i < 4; i++) {
            bytes32 id = jobs[i];
            uint256 paid = 0;
            for (uint256 j = 0; j < 4; j++) {
                paid += settlement.creditedTo(id, people[j]);
            }
            vm.assertEq(paid, escrow.credited(id), "credited is the sum over payees");
            vm.assertLe(paid + escrow.left(id), escrow.deposits(id), "spent <= deposits");
            deposits += escrow.deposits(id);
            spent += paid + escrow.refunded(id) + escrow.left(id);
            if (escrow.closed(id)) {
                vm.assertLe(paid, players.mostWhenClosed(id), "a closed job is closed");
            }
        }
        vm.assertEq(deposits, players.deposited(), "deposits");
        vm.assertEq(spent, deposits, "credited + refunded + left");
    }

    function theVaultHoldsStakeAndWhatIsBurned() private view {
        uint256 held = players.donatedToVault();
        uint256 everStaked = players.unstaked();
        for (uint256 i = 0; i < 4; i++) {
            uint256 bonds = uint256(vault.bonded(people[i])) + vault.unbonding(people[i]);
            uint256 slashed = vault.slashed(people[i]);
            uint256 given = 0;
            for (uint256 j = 0; j < 4; j++) {
                given += settlement.compensatedTo(people[i], people[j]);
            }
            vm.assertEq(given, vault.compensated(people[i]), "compensated");
            vm.assertLe(given, slashed, "compensation <= slashed");
            held += bonds + slashed - given;
            everStaked += bonds + slashed;
        }
        vm.assertEq(token.balanceOf(address(vault)), held, "held");
        vm.assertEq(players.staked_(), everStaked, "stake in");
    }

    function settlementHoldsWhatItOwes() private view {
        uint256 owed = players.donatedToSettlement();
        for (uint256 i = 0; i < 4; i++) {
            owed += settlement.withdrawable(people[i]);
        }
        vm.assertEq(token.balanceOf(address(settlement)), owed, "settlement");
    }

    /// Everything that came in by jobs and slashes went out or waits.
    function whatWasCreditedIsWithdrawnOrWithdrawable() private view {
        uint256 credited = 0;
        uint256 back = 0;
        uint256 owed = players.withdrawn();
        for (uint256 i = 0; i < 4; i++) {
            credited += escrow.credited(jobs[i]) + vault.compensated(people[i]);
            back += escrow.refunded(jobs[i]);
            owed += settlement.withdrawable(people[i]);
        }
        vm.assertEq(credited + back, owed + players.reclaimed(), "flow");
    }
}
